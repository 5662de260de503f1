// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/http_exchange.h"

#include <curl/curl.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/check.h"
#include "lib/base/status.h"

namespace tug::registryd {
namespace {

constexpr long kReceiveBufferBytes = 256 * 1024;
constexpr absl::string_view kUserAgent = "tug-registryd/1";

// What the callbacks of one exchange share.
struct Progress {
  const HttpRequest* request;
  HttpResult* result;
  size_t header_bytes = 0;
  bool head_done = false;
  bool truncated = false;  // Of an error's body we keep the beginning only.
  absl::Status refusal;    // Why a callback ended the exchange.
  std::string address;     // First one that was tried: "127.0.0.1:443".
};

bool WantsStream(const Progress& progress) {
  return progress.request->on_body != nullptr &&
         progress.result->status >= 200 && progress.result->status < 300;
}

// A new status line: an answer after "100 Continue" starts from scratch.
void StartHead(Progress& progress, absl::string_view line) {
  progress.result->headers.clear();
  progress.result->status = 0;
  const size_t space = line.find(' ');
  if (space == absl::string_view::npos) return;
  progress.result->status = std::atoi(std::string(line.substr(space)).c_str());
}

void AddHeader(Progress& progress, absl::string_view line) {
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos) return;
  const std::string name = absl::AsciiStrToLower(line.substr(0, colon));
  const absl::string_view value =
      absl::StripAsciiWhitespace(line.substr(colon + 1));
  std::string& stored = progress.result->headers[name];
  absl::StrAppend(&stored, stored.empty() ? "" : ", ", value);
}

size_t OnHeader(char* bytes, size_t one, size_t size, void* opaque) {
  auto& progress = *static_cast<Progress*>(opaque);
  progress.header_bytes += size;
  if (progress.header_bytes > kMaxHeaderBytes) {
    progress.refusal = absl::ResourceExhaustedError(absl::StrCat(
        "answer has more than ", kMaxHeaderBytes, " bytes of headers"));
    return 0;
  }
  const absl::string_view line(bytes, size);
  if (absl::StartsWith(line, "HTTP/")) {
    StartHead(progress, line);
  } else if (!absl::StripAsciiWhitespace(line).empty()) {
    AddHeader(progress, line);
  } else if (WantsStream(progress) && !progress.head_done) {
    progress.head_done = true;
    progress.refusal = progress.request->on_head(progress.result->status,
                                                 progress.result->headers);
    if (!progress.refusal.ok()) return 0;
  }
  return size;
}

size_t OnBody(char* bytes, size_t one, size_t size, void* opaque) {
  auto& progress = *static_cast<Progress*>(opaque);
  if (WantsStream(progress)) {
    progress.refusal = progress.request->on_body({bytes, size});
    return progress.refusal.ok() ? size : 0;
  }
  std::string& body = progress.result->body;
  const bool success = progress.result->status / 100 == 2;
  const size_t limit =
      success ? progress.request->max_body : kMaxErrorBodyBytes;
  if (body.size() + size > limit && !success) {
    progress.truncated = true;
    return 0;
  }
  if (body.size() + size > limit) {
    progress.refusal = absl::ResourceExhaustedError(
        absl::StrCat("answer is larger than ", limit, " bytes"));
    return 0;
  }
  body.append(bytes, size);
  return size;
}

int OnProgress(void* opaque, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& progress = *static_cast<Progress*>(opaque);
  return progress.request->cancelled && progress.request->cancelled() ? 1 : 0;
}

// Notes which address is tried; libcurl tells only of those that answered.
curl_socket_t OnOpenSocket(void* opaque, curlsocktype, curl_sockaddr* address) {
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  std::string& first = static_cast<Progress*>(opaque)->address;
  if (first.empty() &&
      getnameinfo(&address->addr, address->addrlen, host, sizeof(host), port,
                  sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0) {
    const bool is_v6 = address->family == AF_INET6;
    first = absl::StrCat(is_v6 ? "[" : "", host, is_v6 ? "]:" : ":", port);
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC,
                address->protocol);
}

// The words of the cause that users of container engines know.
std::string ConnectCause(CURL* handle, CURLcode code) {
  if (code == CURLE_COULDNT_RESOLVE_HOST) return "no such host";
  if (code == CURLE_COULDNT_RESOLVE_PROXY) return "no such proxy";
  if (code == CURLE_OPERATION_TIMEDOUT) return "i/o timeout";
  long error_number = 0;
  curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &error_number);
  if (error_number == 0) return "connection refused";
  return absl::AsciiStrToLower(strerror(static_cast<int>(error_number)));
}

Failure Classify(CURL* handle, CURLcode code) {
  double connected = 0;
  switch (code) {
    case CURLE_OK:
      return Failure::kNone;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return Failure::kConnect;
    case CURLE_OPERATION_TIMEDOUT:
      curl_easy_getinfo(handle, CURLINFO_APPCONNECT_TIME, &connected);
      if (connected == 0) {
        curl_easy_getinfo(handle, CURLINFO_CONNECT_TIME, &connected);
      }
      return connected == 0 ? Failure::kConnect : Failure::kBroken;
    case CURLE_SSL_CONNECT_ERROR:
      return Failure::kHandshake;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
      return Failure::kUntrusted;
    case CURLE_ABORTED_BY_CALLBACK:
      return Failure::kCancelled;
    default:
      return Failure::kBroken;
  }
}

// How far it came, in the words that users of container engines know.
std::string Words(Failure failure, const std::string& cause,
                  const HttpRequest& request, const std::string& address) {
  std::string method = absl::AsciiStrToLower(request.method);
  method[0] = absl::ascii_toupper(static_cast<unsigned char>(method[0]));
  const std::string what = absl::StrCat(method, " \"", request.url, "\": ");
  if (failure != Failure::kConnect) return absl::StrCat(what, cause);
  if (address.empty()) {
    absl::string_view host = request.url;
    host.remove_prefix(std::min(host.find("://") + 3, host.size()));
    return absl::StrCat(what, "dial tcp: lookup ",
                        host.substr(0, host.find_first_of(":/")), ": ", cause);
  }
  return absl::StrCat(what, "dial tcp ", address,
                      cause == "i/o timeout" ? ": " : ": connect: ", cause);
}

// What failed, in words and as reason and metadata.
absl::Status Describe(CURL* handle, CURLcode code, Failure failure,
                      const Progress& progress, const char* detail) {
  const HttpRequest& request = *progress.request;
  if (failure == Failure::kCancelled) {
    return absl::CancelledError(
        absl::StrCat(request.method, " ", request.url, ": cancelled"));
  }
  std::string cause = *detail != '\0' ? detail : curl_easy_strerror(code);
  if (failure == Failure::kConnect) cause = ConnectCause(handle, code);
  absl::Status status =
      absl::UnavailableError(Words(failure, cause, request, progress.address));
  status = WithReason(std::move(status), "REGISTRY_UNREACHABLE");
  status = WithMetadata(std::move(status), "method", request.method);
  status = WithMetadata(std::move(status), "url", request.url);
  if (!progress.address.empty()) {
    status = WithMetadata(std::move(status), "address", progress.address);
  }
  if (failure == Failure::kUntrusted) {
    status = WithMetadata(std::move(status), "tls", "untrusted");
  }
  return WithMetadata(std::move(status), "cause", cause);
}

// Owns a curl_slist.
class HeaderList {
 public:
  ~HeaderList() { curl_slist_free_all(list_); }
  void Add(const std::string& line) {
    list_ = curl_slist_append(list_, line.c_str());
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

void SetTrust(CURL* handle, const TlsTrust& trust) {
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, trust.verify ? 1L : 0L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, trust.verify ? 2L : 0L);
  if (!trust.ca_bundle.empty()) {
    curl_blob blob = {};
    blob.data = const_cast<char*>(trust.ca_bundle.data());
    blob.len = trust.ca_bundle.size();
    blob.flags = CURL_BLOB_COPY;
    curl_easy_setopt(handle, CURLOPT_CAINFO_BLOB, &blob);
  }
  if (!trust.client_certificate.empty()) {
    curl_easy_setopt(handle, CURLOPT_SSLCERT, trust.client_certificate.c_str());
    curl_easy_setopt(handle, CURLOPT_SSLKEY, trust.client_key.c_str());
  }
}

void SetLimits(CURL* handle) {
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   absl::ToInt64Milliseconds(kConnectTimeout));
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME,
                   absl::ToInt64Seconds(kStallTimeout));
  curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, kReceiveBufferBytes);
}

void SetMethod(CURL* handle, const HttpRequest& request) {
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  if (request.method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  } else if (request.method == "POST") {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE,
                     static_cast<long>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
  }
  if (request.direct) curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
}

void SetCallbacks(CURL* handle, Progress& progress) {
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &progress);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &progress);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, OnProgress);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &progress);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, OnOpenSocket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &progress);
}

}  // namespace

const std::string& HttpResult::Header(const std::string& name) const {
  static const std::string* const kNone = new std::string();
  const auto found = headers.find(name);
  return found == headers.end() ? *kNone : found->second;
}

HttpExchange::HttpExchange() {
  CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

HttpExchange::~HttpExchange() {
  absl::MutexLock lock(&mutex_);
  for (void* handle : idle_) curl_easy_cleanup(handle);
}

void* HttpExchange::TakeHandle() {
  {
    absl::MutexLock lock(&mutex_);
    if (!idle_.empty()) {
      void* handle = idle_.back();
      idle_.pop_back();
      return handle;
    }
  }
  CURL* handle = curl_easy_init();
  CHECK(handle != nullptr);
  return handle;
}

void HttpExchange::ReturnHandle(void* handle) {
  curl_easy_reset(handle);  // Keeps connections and TLS sessions.
  absl::MutexLock lock(&mutex_);
  if (idle_.size() < kMaxIdleHandles) {
    idle_.push_back(handle);
  } else {
    curl_easy_cleanup(handle);
  }
}

HttpResult HttpExchange::Perform(const HttpRequest& request) {
  CURL* handle = TakeHandle();
  HttpResult result;
  Progress progress = {&request, &result};
  char detail[CURL_ERROR_SIZE] = "";
  HeaderList headers;
  for (const auto& [name, value] : request.headers) {
    headers.Add(absl::StrCat(name, ": ", value));
  }
  headers.Add(absl::StrCat("User-Agent: ", kUserAgent));
  SetLimits(handle);
  SetMethod(handle, request);
  SetTrust(handle, request.trust);
  SetCallbacks(handle, progress);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail);
  const CURLcode code = curl_easy_perform(handle);
  if (!progress.refusal.ok()) {
    result.failure = Failure::kRefused;
    result.error = progress.refusal;
  } else if (!progress.truncated) {
    result.failure = Classify(handle, code);
    if (result.failure != Failure::kNone) {
      result.error = Describe(handle, code, result.failure, progress, detail);
    }
  }
  ReturnHandle(handle);
  return result;
}

}  // namespace tug::registryd
