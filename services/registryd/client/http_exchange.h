// SPDX-License-Identifier: Apache-2.0
//
// One HTTP request and its answer, by libcurl. Knows nothing of registries.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace tug::registryd {

// Bounds on what a server may send and how long it may dawdle.
inline constexpr size_t kMaxHeaderBytes = 64 * 1024;
inline constexpr size_t kMaxErrorBodyBytes = 64 * 1024;
inline constexpr absl::Duration kConnectTimeout = absl::Seconds(10);
// A transfer that moves less than a byte a second for so long is dead.
inline constexpr absl::Duration kStallTimeout = absl::Seconds(30);
// Connections kept open for the next request.
inline constexpr size_t kMaxIdleHandles = 16;

// How far to trust a server.
struct TlsTrust {
  bool verify = true;
  std::string ca_bundle;           // PEM; empty: the system's.
  std::string client_certificate;  // Path; empty: none.
  std::string client_key;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // Most bytes of a 2xx body that is collected.
  size_t max_body = kMaxErrorBodyBytes;
  TlsTrust trust;
  // Never through a proxy (loopback).
  bool direct = false;
  // Polled at least once a second; true ends the exchange.
  std::function<bool()> cancelled;
  // For 2xx answers, when set: takes head and body instead of collecting.
  // A failure ends the exchange and becomes its status.
  std::function<absl::Status(int status,
                             const std::map<std::string, std::string>&)>
      on_head;
  std::function<absl::Status(absl::string_view)> on_body;
};

enum class Failure {
  kNone,       // There is an answer, whatever its status.
  kConnect,    // No connection: unknown name, refused, unreachable.
  kHandshake,  // The server speaks no TLS we understand.
  kUntrusted,  // Its certificate does not verify.
  kBroken,     // The connection ended or stalled half-way.
  kRefused,    // We ended it: too large, or on_head/on_body failed.
  kCancelled,
};

struct HttpResult {
  Failure failure = Failure::kNone;
  absl::Status error;  // OK exactly when failure is kNone.
  int status = 0;
  // Names in lower case; repeated ones joined by ", ".
  std::map<std::string, std::string> headers;
  std::string body;

  // The header, or empty.
  const std::string& Header(const std::string& name) const;
  bool success() const {
    return failure == Failure::kNone && status >= 200 && status < 300;
  }
};

// Performs requests and keeps connections for reuse.
//
// Thread-safe; each call blocks its own thread.
class HttpExchange {
 public:
  HttpExchange();
  ~HttpExchange();
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  // Does not follow redirects, does not retry.
  HttpResult Perform(const HttpRequest& request);

 private:
  void* TakeHandle();
  void ReturnHandle(void* handle);

  absl::Mutex mutex_;
  std::vector<void*> idle_ ABSL_GUARDED_BY(mutex_);  // CURL*
};

}  // namespace tug::registryd
