// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/oci/reference.h"
#include "services/registryd/client/registry_client.h"

namespace tug::registryd {

// One question to a registry: its words, its path, what a token must allow.
struct RegistryClient::Asked {
  // About something in a repository.
  Asked(const oci::Reference& repository, const std::string& what,
        Question::Noun noun, const Cancelled& cancelled)
      : question{repository.domain, repository.path, what, noun},
        scope(absl::StrCat("repository:", repository.path, ":pull")) {
    request.cancelled = cancelled;
  }

  // About the registry itself: is this identity welcome?
  Asked(const std::string& host, const Cancelled& cancelled)
      : question{host, "", "", Question::Noun::kLogin},
        path("/v2/"),
        login(true) {
    request.cancelled = cancelled;
  }

  absl::Status RepositoryUnknown() const {
    absl::Status status =
        WithReason(absl::NotFoundError(
                       absl::StrCat("repository ", question.host, "/",
                                    question.repository, " does not exist")),
                   "REPOSITORY_UNKNOWN");
    status = WithMetadata(std::move(status), "host", question.host);
    status = WithMetadata(std::move(status), "repository", question.repository);
    return WithMetadata(std::move(status), "reference", question.reference);
  }

  Question question;
  std::string path;
  std::string scope;
  HttpRequest request;
  bool login = false;
};

}  // namespace tug::registryd
