// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/message.h"

#include <ldns/ldns.h>
#include <sys/socket.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/status_macros.h"

namespace tug::netd::dns {
namespace {

using netlink::IpAddress;

// Answers change when containers come and go; a resolver inside a container
// rarely caches, and what does should not for long.
constexpr uint32_t kTimeToLive = 600;
constexpr uint16_t kOwnUdpSize = 4096;
constexpr size_t kV4Labels = 4;
constexpr size_t kV6Labels = 32;

using PacketPointer = std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)>;

absl::StatusOr<PacketPointer> Parse(absl::string_view message) {
  if (message.size() < kHeaderSize || message.size() > kMaxMessage) {
    return absl::InvalidArgumentError("no DNS message: bad size");
  }
  ldns_pkt* packet = nullptr;
  const ldns_status status =
      ldns_wire2pkt(&packet, reinterpret_cast<const uint8_t*>(message.data()),
                    message.size());
  if (status != LDNS_STATUS_OK) {
    return absl::InvalidArgumentError(
        absl::StrCat("no DNS message: ", ldns_get_errorstr_by_id(status)));
  }
  return PacketPointer(packet, ldns_pkt_free);
}

absl::StatusOr<Question> ReadQuestion(const ldns_pkt* packet) {
  const ldns_rr_list* const questions = ldns_pkt_question(packet);
  if (ldns_pkt_get_opcode(packet) != LDNS_PACKET_QUERY ||
      ldns_rr_list_rr_count(questions) != 1) {
    return absl::InvalidArgumentError("no standard query with one question");
  }
  const ldns_rr* const rr = ldns_rr_list_rr(questions, 0);
  char* const text = ldns_rdf2str(ldns_rr_owner(rr));
  if (text == nullptr) return absl::InvalidArgumentError("no name");
  Question question;
  question.spelling = std::string(absl::StripSuffix(text, "."));
  question.name = absl::AsciiStrToLower(question.spelling);
  std::free(text);
  question.id = ldns_pkt_id(packet);
  question.recursion_desired = ldns_pkt_rd(packet);
  question.type = static_cast<uint16_t>(ldns_rr_get_type(rr));
  question.klass = static_cast<uint16_t>(ldns_rr_get_class(rr));
  question.edns = ldns_pkt_edns(packet);
  if (question.edns) {
    question.udp_size =
        std::max<size_t>(kPlainUdpSize, ldns_pkt_edns_udp_size(packet));
  }
  return question;
}

// Takes the data.
void PushRecord(ldns_pkt* packet, const Question& question, ldns_rdf* data) {
  ldns_rr* const rr = ldns_rr_new();
  const std::string name = absl::StrCat(
      question.spelling.empty() ? question.name : question.spelling, ".");
  ldns_rr_set_owner(rr, ldns_dname_new_frm_str(name.c_str()));
  ldns_rr_set_type(rr, static_cast<ldns_rr_type>(question.type));
  ldns_rr_set_class(rr, static_cast<ldns_rr_class>(question.klass));
  if (data == nullptr) {
    ldns_rr_set_question(rr, true);
    ldns_pkt_push_rr(packet, LDNS_SECTION_QUESTION, rr);
    return;
  }
  ldns_rr_set_ttl(rr, kTimeToLive);
  ldns_rr_push_rdf(rr, data);
  ldns_pkt_push_rr(packet, LDNS_SECTION_ANSWER, rr);
}

void PushAnswers(ldns_pkt* packet, const Question& question,
                 const Answer& answer) {
  for (const IpAddress& address : answer.addresses) {
    const ldns_rdf_type type =
        address.is_v4() ? LDNS_RDF_TYPE_A : LDNS_RDF_TYPE_AAAA;
    PushRecord(packet, question,
               ldns_rdf_new_frm_data(type, address.size(), address.bytes()));
  }
  if (answer.pointer.empty()) return;
  ldns_rdf* const name =
      ldns_dname_new_frm_str(absl::StrCat(answer.pointer, ".").c_str());
  if (name != nullptr) PushRecord(packet, question, name);
}

std::string ToWire(const Question& question, const Answer& answer,
                   bool truncated) {
  const PacketPointer packet(ldns_pkt_new(), ldns_pkt_free);
  ldns_pkt_set_id(packet.get(), question.id);
  ldns_pkt_set_qr(packet.get(), true);
  ldns_pkt_set_rd(packet.get(), question.recursion_desired);
  ldns_pkt_set_ra(packet.get(), true);
  ldns_pkt_set_tc(packet.get(), truncated);
  ldns_pkt_set_rcode(packet.get(), answer.code);
  if (question.edns) ldns_pkt_set_edns_udp_size(packet.get(), kOwnUdpSize);
  PushRecord(packet.get(), question, nullptr);
  if (!truncated) PushAnswers(packet.get(), question, answer);
  uint8_t* wire = nullptr;
  size_t size = 0;
  std::string bytes;
  if (ldns_pkt2wire(&wire, packet.get(), &size) == LDNS_STATUS_OK) {
    bytes.assign(reinterpret_cast<const char*>(wire), size);
  }
  std::free(wire);
  return bytes;
}

absl::StatusOr<IpAddress> FromLabels(std::vector<absl::string_view> labels,
                                     size_t count, int base, int family) {
  if (labels.size() != count) {
    return absl::InvalidArgumentError("not the name of an address");
  }
  const int bits = family == AF_INET ? 8 : 4;
  absl::uint128 number = 0;
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    uint32_t part = 0;
    const bool ok = base == 16 ? absl::SimpleHexAtoi(*label, &part)
                               : absl::SimpleAtoi(*label, &part);
    if (!ok || part >= (1u << bits)) {
      return absl::InvalidArgumentError("not the name of an address");
    }
    number = (number << bits) | part;
  }
  return IpAddress::FromNumber(family, number);
}

}  // namespace

absl::StatusOr<Question> ParseQuestion(absl::string_view message) {
  ASSIGN_OR_RETURN(const PacketPointer packet, Parse(message));
  if (ldns_pkt_qr(packet.get())) {
    return absl::InvalidArgumentError("a reply where a query belongs");
  }
  return ReadQuestion(packet.get());
}

std::string BuildAnswer(const Question& question, const Answer& answer,
                        size_t limit) {
  std::string wire = ToWire(question, answer, /*truncated=*/false);
  return wire.size() <= limit ? wire
                              : ToWire(question, answer, /*truncated=*/true);
}

absl::StatusOr<ReplyHeader> ParseReply(absl::string_view message,
                                       const Question& question) {
  ASSIGN_OR_RETURN(const PacketPointer packet, Parse(message));
  ASSIGN_OR_RETURN(const Question echoed, ReadQuestion(packet.get()));
  if (!ldns_pkt_qr(packet.get()) || echoed.name != question.name ||
      echoed.type != question.type || echoed.klass != question.klass) {
    return absl::InvalidArgumentError("a reply to another question");
  }
  ReplyHeader header;
  header.id = ldns_pkt_id(packet.get());
  header.code = static_cast<uint8_t>(ldns_pkt_get_rcode(packet.get()));
  header.truncated = ldns_pkt_tc(packet.get());
  return header;
}

void SetId(std::string& message, uint16_t id) {
  message[0] = static_cast<char>(id >> 8);
  message[1] = static_cast<char>(id & 0xff);
}

absl::StatusOr<IpAddress> ParseReverseName(absl::string_view name) {
  if (absl::ConsumeSuffix(&name, ".in-addr.arpa")) {
    return FromLabels(absl::StrSplit(name, '.'), kV4Labels, 10, AF_INET);
  }
  if (absl::ConsumeSuffix(&name, ".ip6.arpa")) {
    return FromLabels(absl::StrSplit(name, '.'), kV6Labels, 16, AF_INET6);
  }
  return absl::InvalidArgumentError("not the name of an address");
}

}  // namespace tug::netd::dns
