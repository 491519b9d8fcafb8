// SPDX-License-Identifier: Apache-2.0
// The netfilter rules of one network namespace as values, as far as they decide what
// becomes of a packet. nft_json and iptables_save make them, rule_walk asks them. What
// a rule compares and is not modelled here stands as RuleField::Unknown: it may hold or not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tcptrace {

// What a condition looks at.
enum class RuleField : std::uint8_t {
    Unknown,
    Family, // 4 or 6
    Protocol,
    SourceAddress,
    DestinationAddress,
    SourcePort,
    DestinationPort,
    TcpFlags,
    InInterface,
    OutInterface,
    ConntrackState, // one bit of enum ConntrackBit
    Length,         // of the packet from the IP header on
};

// As in the kernel's nf_conntrack_common.h and nf_tables.h, so as nft prints numbers.
enum ConntrackBit : std::uint8_t {
    conntrack_invalid = 1,
    conntrack_established = 2,
    conntrack_related = 4,
    conntrack_new = 8,
    conntrack_untracked = 64,
};

// Any value of a field, so that one comparison of bytes orders them all: an address as in
// tt_address, a number in the last bytes, the name of an interface from the first on.
using RuleValue = std::array<std::uint8_t, 16>;

struct ValueRange {
    RuleValue low{}; // both belong to it
    RuleValue high{};
};

enum class RuleAction : std::uint8_t {
    None, // on to the next rule
    Accept,
    Drop,
    Reject,
    Return,
    Jump,
    Goto,
    Leave, // queue, or a target not known here: what then happens cannot be told
};

struct RuleVerdict {
    RuleAction action = RuleAction::None;
    std::string target{}; // chain of a jump or goto
};

struct SetElement {
    std::vector<ValueRange> ranges; // one for each field
    RuleVerdict verdict{};          // of a verdict map
};

struct ValueSet {
    std::vector<SetElement> elements;
    // There may be more in it: packets or time change it, or an element was not understood.
    bool unsure = false;
};

// The fields' values are (not) in the set.
struct RuleCondition {
    std::vector<RuleField> fields; // several: a concatenation
    std::shared_ptr<const ValueSet> set;
    std::optional<RuleValue> mask{}; // laid over the value of a single field first
    bool negated = false;
};

struct Rule {
    std::vector<RuleCondition> conditions{};
    std::optional<RuleCondition> map{}; // a verdict map, looked up when the conditions hold
    RuleVerdict verdict{};              // else
    std::optional<std::uint64_t> packets{};
    bool counts_matches = false; // its counter stands behind every condition
    std::uint64_t handle = 0;    // of nftables
    std::string text{};          // as iptables-save prints it; nft's is asked for when needed
    std::string comment{};
};

enum class RuleSource : std::uint8_t { Nftables, IptablesNft, IptablesLegacy };

// Where the kernel enters a chain; other chains are reached by jumps.
struct BaseChain {
    std::string hook; // "forward" ...
    int priority = 0;
    bool drops = false; // policy
    std::optional<std::uint64_t> policy_packets{};
};

struct Chain {
    RuleSource source = RuleSource::Nftables;
    std::string family; // "inet", "ip" ...
    std::string table;
    std::string name;
    std::optional<BaseChain> base{};
    std::vector<Rule> rules{};
};

struct Ruleset {
    std::vector<Chain> chains;
    std::string missing{}; // what could not be read, in one sentence; empty: nothing
};

inline constexpr std::size_t rules_max = 100'000; // and as many elements of sets

} // namespace tcptrace
