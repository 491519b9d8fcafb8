// SPDX-License-Identifier: Apache-2.0
#include "render/dns_words.h"

#include "render/text.h"

#include <algorithm>
#include <array>

namespace tcptrace {

namespace {

struct Word {
    std::uint16_t code;
    std::string_view text;
};

constexpr std::array<std::string_view, 16> opcodes{
    "",     " inv_q",   " stat",    " op3",      " notify",  " update",   " op6",      " op7",
    " op8", " updateA", " updateD", " updateDA", " updateM", " updateMA", " zoneInit", " zoneRef"};

// Some lack their space in tcpdump.
constexpr std::array<std::string_view, 24> response_codes{
    "",          " FormErr", " ServFail", " NXDomain", " NotImp",  " Refused",
    " YXDomain", " YXRRSet", " NXRRSet",  " NotAuth",  " NotZone", " Resp11",
    " Resp12",   " Resp13",  " Resp14",   " NoChange", " BadVers", "Resp17",
    " Resp18",   " Resp19",  " Resp20",   "Resp21",    " Resp22",  " BadCookie"};

constexpr std::array<std::string_view, 49> low_types{
    "",     "A",   "NS",     "MD",       "MF",    "CNAME",    "SOA",   "MB",   "MG",    "MR",
    "NULL", "WKS", "PTR",    "HINFO",    "MINFO", "MX",       "TXT",   "RP",   "AFSDB", "X25",
    "ISDN", "RT",  "NSAP",   "NSAP_PTR", "SIG",   "KEY",      "PX",    "GPOS", "AAAA",  "LOC",
    "NXT",  "EID", "NIMLOC", "SRV",      "ATMA",  "NAPTR",    "KX",    "CERT", "A6",    "DNAME",
    "SINK", "OPT", "APL",    "DS",       "SSHFP", "IPSECKEY", "RRSIG", "NSEC", "DNSKEY"};

constexpr std::array high_types{Word{99, "SPF"},   Word{100, "UINFO"},  Word{101, "UID"},
                                Word{102, "GID"},  Word{103, "UNSPEC"}, Word{104, "UNSPECA"},
                                Word{249, "TKEY"}, Word{250, "TSIG"},   Word{251, "IXFR"},
                                Word{252, "AXFR"}, Word{253, "MAILB"},  Word{254, "MAILA"},
                                Word{255, "ANY"},  Word{256, "URI"}};

constexpr std::array classes{Word{1, "IN"}, Word{3, "CHAOS"}, Word{4, "HS"}, Word{255, "ANY"}};

constexpr std::array edns_options{
    Word{1, "LLQ"},      Word{2, "UL"},          Word{3, "NSID"},       Word{5, "DAU"},
    Word{6, "DHU"},      Word{7, "N3U"},         Word{8, "ECS"},        Word{9, "EXPIRE"},
    Word{10, "COOKIE"},  Word{11, "KEEPALIVE"},  Word{12, "PADDING"},   Word{13, "CHAIN"},
    Word{14, "KEY-TAG"}, Word{16, "CLIENT-TAG"}, Word{17, "SERVER-TAG"}};

constexpr std::array dnssec_algorithms{Word{0, "DELETE"},
                                       Word{1, "RSAMD5"},
                                       Word{2, "DH"},
                                       Word{3, "DS"},
                                       Word{5, "RSASHA1"},
                                       Word{6, "DSA-NSEC3-SHA1"},
                                       Word{7, "RSASHA1-NSEC3-SHA1"},
                                       Word{8, "RSASHA256"},
                                       Word{10, "RSASHA512"},
                                       Word{12, "ECC-GOST"},
                                       Word{13, "ECDSAP256SHA256"},
                                       Word{14, "ECDSAP384SHA384"},
                                       Word{15, "ED25519"},
                                       Word{16, "ED448"},
                                       Word{252, "INDIRECT"},
                                       Word{253, "PRIVATEDNS"},
                                       Word{254, "PRIVATEOID"}};

constexpr std::array ds_hashes{Word{1, "SHA-1"}, Word{2, "SHA-256"}, Word{3, "GOST_R_34.11-94"},
                               Word{4, "SHA-384"}};

constexpr std::array nsec3_hashes{Word{1, "SHA-1"}};

template <std::size_t count>
void append_word(std::string &out, const std::array<Word, count> &words, std::uint16_t code,
                 fmt::format_string<const std::uint16_t &> unknown)
{
    const auto found = std::ranges::find(words, code, &Word::code);

    if (found != words.end())
        out += found->text;
    else
        put<const std::uint16_t &>(out, unknown, code);
}

} // namespace

std::string_view dns_opcode_word(unsigned opcode)
{
    return opcodes[opcode % opcodes.size()];
}

void append_dns_response_code(std::string &out, unsigned code)
{
    if (code < response_codes.size())
        out += response_codes[code];
    else
        put(out, " Resp{}", code);
}

void append_dns_type(std::string &out, std::uint16_t type)
{
    if (type > 0 && type < low_types.size())
        out += low_types[type];
    else
        append_word(out, high_types, type, "Type{}");
}

void append_dns_class(std::string &out, std::uint16_t dns_class)
{
    append_word(out, classes, dns_class, "(Class {})");
}

void append_edns_option_name(std::string &out, std::uint16_t code)
{
    append_word(out, edns_options, code, "Opt{}");
}

void append_dnssec_algorithm(std::string &out, std::uint8_t code)
{
    append_word(out, dnssec_algorithms, code, "Alg_{}");
}

void append_ds_hash(std::string &out, std::uint8_t code)
{
    append_word(out, ds_hashes, code, "Alg_{}");
}

void append_nsec3_hash(std::string &out, std::uint8_t code)
{
    append_word(out, nsec3_hashes, code, "Alg_{}");
}

} // namespace tcptrace
