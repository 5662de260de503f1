// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "services/netd/dns/dns_view.h"
#include "services/netd/dns/message.h"
#include "services/netd/dns/name_directory.h"

namespace tug::netd::dns {

// What a sandbox with this view is told from memory; absent if the name or
// address belongs to none of its networks. A known name without an address of
// the asked kind gives an empty answer, never a question to the outside.
std::optional<Answer> AnswerLocally(const Question& question,
                                    const DnsView& view,
                                    const NameDirectory& directory);

// Whether the question may leave the host.
bool MayForward(const Question& question, const DnsView& view);

}  // namespace tug::netd::dns
