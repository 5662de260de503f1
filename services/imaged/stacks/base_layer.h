// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tug::imaged {

// The folder of the base layer, in the state directory.
inline constexpr char kBaseLayer[] = "base";

// Makes the layer that lies below every image: what each container needs to
// have mounts put on (/dev, /proc, /sys, /etc/hosts, ...), and what programs
// know a container by (/.dockerenv, /etc/mtab). Where an image has such a name
// itself, the image's is seen, as with any lower layer. So no start has to make
// one in the container's own layer, where it would be a change (ADR 0057).
absl::Status MakeBaseLayer(int state);

// Whether the base layer has this path ("/etc/hosts"). An image may have
// deleted it; the start makes it again then.
bool IsOfBaseLayer(absl::string_view path);

}  // namespace tug::imaged
