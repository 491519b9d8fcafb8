// SPDX-License-Identifier: Apache-2.0
// The words of DNS: names of codes, as tcpdump 4.99 knows them (IANA's "DNS Parameters", with
// its own words where these differ). Unknown codes get tcpdump's word with the number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tcptrace {

[[nodiscard]] std::string_view dns_opcode_word(unsigned opcode);  // " notify"; of a query: ""
void append_dns_response_code(std::string &out, unsigned code);   // " NXDomain"
void append_dns_type(std::string &out, std::uint16_t type);       // "AAAA", "Type65"
void append_dns_class(std::string &out, std::uint16_t dns_class); // "CHAOS", "(Class 7)"

void append_edns_option_name(std::string &out, std::uint16_t code); // "COOKIE", "Opt9"
// What RFC 6975 lets a resolver say that it understands.
void append_dnssec_algorithm(std::string &out, std::uint8_t code); // "ED25519", "Alg_17"
void append_ds_hash(std::string &out, std::uint8_t code);          // "SHA-256", "Alg_9"
void append_nsec3_hash(std::string &out, std::uint8_t code);       // "SHA-1", "Alg_2"

} // namespace tcptrace
