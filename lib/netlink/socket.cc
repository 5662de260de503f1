// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/socket.h"

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/netlink/attributes.h"

namespace tug::netlink {
namespace {

// The kernel never puts more than this into one answer.
constexpr size_t kReceiveBuffer = 32768;
// An answer is ready when send returns; this only bounds a broken kernel.
constexpr timeval kReceiveTimeout = {5, 0};

absl::StatusOr<size_t> Receive(int fd, char* buffer) {
  for (;;) {
    const ssize_t size = recv(fd, buffer, kReceiveBuffer, 0);
    if (size >= 0) return static_cast<size_t>(size);
    if (errno != EINTR) return ErrnoStatus(errno, "receive from netlink");
  }
}

// The kernel's explanation (NLMSGERR_ATTR_MSG), or empty.
std::string ExtendedAck(const nlmsghdr* header) {
  if ((header->nlmsg_flags & NLM_F_ACK_TLVS) == 0) return "";
  const auto* error =
      static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(header));
  size_t offset = sizeof(*error);
  if ((header->nlmsg_flags & NLM_F_CAPPED) == 0) {
    offset += error->msg.nlmsg_len - sizeof(nlmsghdr);
  }
  std::string text;
  ForEachAttribute(header, offset, [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG &&
        mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0) {
      text = mnl_attr_get_str(attribute);
    }
  });
  return text;
}

absl::Status OutcomeOf(const nlmsghdr* header, const std::string& what) {
  const auto* error =
      static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(header));
  if (error->error == 0) return absl::OkStatus();
  const std::string detail = ExtendedAck(header);
  return ErrnoStatus(error->error, detail.empty()
                                       ? what
                                       : absl::StrCat(what, " (", detail, ")"));
}

}  // namespace

absl::StatusOr<Socket> Socket::Open(int bus) {
  UniqueFd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, bus));
  if (!fd) return ErrnoStatus(errno, "open netlink socket");
  const int on = 1;
  setsockopt(fd.get(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
  setsockopt(fd.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kReceiveTimeout,
             sizeof(kReceiveTimeout));
  return Socket(std::move(fd));
}

absl::Status Socket::Send(absl::Span<Message> requests) {
  std::vector<iovec> parts;
  parts.reserve(requests.size());
  for (Message& request : requests) {
    request.header()->nlmsg_seq = next_sequence_++;
    parts.push_back(
        {request.header(), NLMSG_ALIGN(request.header()->nlmsg_len)});
  }
  sockaddr_nl kernel = {};
  kernel.nl_family = AF_NETLINK;
  msghdr message = {};
  message.msg_name = &kernel;
  message.msg_namelen = sizeof(kernel);
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  while (sendmsg(fd_.get(), &message, 0) < 0) {
    if (errno != EINTR) {
      return ErrnoStatus(errno, absl::StrCat(requests[0].what(), ": send"));
    }
  }
  return absl::OkStatus();
}

absl::Status Socket::ExchangeEach(absl::Span<Message> requests,
                                  absl::Span<absl::Status> outcomes) {
  if (requests.empty()) return absl::OkStatus();
  for (Message& request : requests) request.header()->nlmsg_flags |= NLM_F_ACK;
  RETURN_IF_ERROR(Send(requests));
  const uint32_t first = requests[0].header()->nlmsg_seq;
  const auto buffer = std::make_unique<char[]>(kReceiveBuffer);
  absl::Status result;
  for (size_t answered = 0; answered < requests.size();) {
    ASSIGN_OR_RETURN(const size_t size, Receive(fd_.get(), buffer.get()));
    int left = static_cast<int>(size);
    const auto* header = reinterpret_cast<const nlmsghdr*>(buffer.get());
    for (; mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left)) {
      const uint32_t index = header->nlmsg_seq - first;
      // Answers to an exchange that was given up are skipped.
      if (header->nlmsg_type != NLMSG_ERROR || index >= requests.size()) {
        continue;
      }
      absl::Status outcome = OutcomeOf(header, requests[index].what());
      if (result.ok()) result = outcome;
      if (!outcomes.empty()) outcomes[index] = std::move(outcome);
      ++answered;
    }
  }
  return result;
}

absl::Status Socket::Exchange(absl::Span<Message> requests) {
  return ExchangeEach(requests, {});
}

absl::Status Socket::Exchange(Message request) {
  return ExchangeEach(absl::MakeSpan(&request, 1), {});
}

absl::Status Socket::Query(Message request,
                           absl::FunctionRef<void(const nlmsghdr*)> visit) {
  const bool is_dump = (request.header()->nlmsg_flags & NLM_F_DUMP) != 0;
  if (!is_dump) request.header()->nlmsg_flags |= NLM_F_ACK;
  RETURN_IF_ERROR(Send(absl::MakeSpan(&request, 1)));
  const uint32_t sequence = request.header()->nlmsg_seq;
  const auto buffer = std::make_unique<char[]>(kReceiveBuffer);
  for (;;) {
    ASSIGN_OR_RETURN(const size_t size, Receive(fd_.get(), buffer.get()));
    int left = static_cast<int>(size);
    const auto* header = reinterpret_cast<const nlmsghdr*>(buffer.get());
    for (; mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left)) {
      if (header->nlmsg_seq != sequence) continue;
      if (header->nlmsg_type == NLMSG_DONE) return absl::OkStatus();
      if (header->nlmsg_type == NLMSG_ERROR) {
        return OutcomeOf(header, request.what());
      }
      visit(header);
    }
  }
}

}  // namespace tug::netlink
