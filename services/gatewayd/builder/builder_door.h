// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "lib/sys/unique_fd.h"

namespace tug::gatewayd {

// What building answers, over REST and over gRPC, before there is a builder.
inline constexpr char kNoBuilder[] =
    "building images is not built yet: build with another tool (buildah, "
    "kaniko, docker buildx with a container driver elsewhere) and bring the "
    "image here with docker load or docker pull";

// BuildKit's control service of an engine that builds nothing: one worker, an
// empty cache, no history. So `docker builder prune` and `docker buildx du`
// find nothing to do instead of a builder that is missing, and a build is
// refused with the reason.
//
// Thread-safe. Connections end with it.
class BuilderDoor {
 public:
  // `architecture`: of this host, as images call it.
  explicit BuilderDoor(std::string architecture);
  ~BuilderDoor();

  // Serves HTTP/2 on a connected stream socket, on threads of its own.
  void Serve(UniqueFd connection);

 private:
  class Running;
  const std::unique_ptr<Running> running_;
};

}  // namespace tug::gatewayd
