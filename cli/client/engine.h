// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "boost/json.hpp"
#include "lib/http/client.h"

namespace tug::cli {

// Largest JSON answer that is read.
inline constexpr size_t kMaxAnswerBytes = 256 * 1024 * 1024;

// The version of the API that is spoken: DOCKER_API_VERSION, or that whose shape
// of answers this client knows.
std::string ApiVersion();

// Builds "/containers/a%20b/json?all=1".
class Path {
 public:
  explicit Path(absl::string_view start) : text_(start) {}
  // Adds text that must stay one segment; "/" is kept for image names.
  Path& Add(absl::string_view segment);
  // Adds fixed text.
  Path& operator+=(absl::string_view text) {
    text_.append(text.data(), text.size());
    return *this;
  }
  Path& Query(absl::string_view key, absl::string_view value);
  Path& Flag(absl::string_view key, bool value) {
    return value ? Query(key, "1") : *this;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  bool has_query_ = false;
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// A Docker endpoint. Answers of 400 and above become errors whose text is
// "Error response from daemon: ..." (404 NOT_FOUND, 409 ALREADY_EXISTS, 401
// UNAUTHENTICATED, 400 INVALID_ARGUMENT, 304 is no error).
//
// Thread-safe: every call has a connection of its own.
class Engine {
 public:
  explicit Engine(std::string endpoint) : endpoint_(std::move(endpoint)) {}

  const std::string& endpoint() const { return endpoint_; }

  // Sends `body` (null: none); the answer's JSON, null if it has none.
  absl::StatusOr<boost::json::value> Call(
      const std::string& method, const Path& path,
      const boost::json::value& body = nullptr) const;
  absl::StatusOr<boost::json::value> Get(const Path& path) const {
    return Call("GET", path);
  }

  // Hands the answer's body to `on_body` as it comes.
  absl::Status Stream(
      const std::string& method, const Path& path, const HeaderList& headers,
      const std::function<absl::StatusOr<size_t>(char*, size_t)>& read_body,
      const std::function<absl::Status(absl::string_view)>& on_body) const;

  // The same; `on_ready` is called once the answer's head has come.
  absl::Status StreamAfter(
      const std::string& method, const Path& path,
      const std::function<void()>& on_ready,
      const std::function<absl::Status(absl::string_view)>& on_body) const;

  // The raw connection of attach and exec.
  absl::StatusOr<http::Client::Upgraded> Hijack(
      const Path& path, const boost::json::value& body = nullptr) const;

 private:
  absl::StatusOr<std::unique_ptr<http::Client>> Connect() const;
  http::Request NewRequest(const std::string& method, const Path& path) const;
  absl::Status Run(
      const http::Request& request, const std::function<void()>& on_ready,
      const std::function<absl::Status(absl::string_view)>& on_body) const;

  const std::string endpoint_;
};

// The filters query value of "key=value" words. INVALID_ARGUMENT.
absl::StatusOr<std::string> EncodeFilters(
    const std::vector<std::string>& words);

}  // namespace tug::cli
