// SPDX-License-Identifier: Apache-2.0
#include "filter/vxlan_expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tcptrace {

namespace {

constexpr std::uint32_t vni_max = 0xffffff;

using Words = std::span<const std::string_view>;

// Words, parentheses and the operators of whole primitives; the text in between (brackets,
// comparisons) is of no interest here and stays in its word.
std::vector<std::string_view> words_of(std::string_view expression)
{
    constexpr std::string_view space = " \t\r\n";
    constexpr std::array<std::string_view, 5> operators{"&&", "||", "(", ")", "!"};
    std::vector<std::string_view> words;
    std::size_t begin = 0;
    const auto end_word = [&](std::size_t end) {
        if (end > begin)
            words.push_back(expression.substr(begin, end - begin));
    };

    for (std::size_t at = 0; at < expression.size();) {
        const std::string_view rest = expression.substr(at);
        const auto found = std::ranges::find_if(
            operators, [rest](std::string_view each) { return rest.starts_with(each); });
        if (found != operators.end() && !rest.starts_with("!=")) {
            end_word(at);
            words.push_back(rest.substr(0, found->size()));
            at += found->size();
            begin = at;
        } else if (space.contains(rest.front())) {
            end_word(at);
            begin = ++at;
        } else {
            at++;
        }
    }
    end_word(expression.size());
    return words;
}

bool is_and(std::string_view word)
{
    return word == "and" || word == "&&";
}

bool is_or(std::string_view word)
{
    return word == "or" || word == "||";
}

int depth_after(Words words)
{
    return static_cast<int>(std::ranges::count(words, "(") - std::ranges::count(words, ")"));
}

bool has_or_outside_parentheses(Words words)
{
    for (std::size_t i = 0; i < words.size(); i++) {
        if (is_or(words[i]) && depth_after(words.first(i)) == 0)
            return true;
    }
    return false;
}

std::optional<std::uint32_t> number_of(std::string_view word)
{
    const bool hexadecimal = word.starts_with("0x");
    const std::string_view digits = word.substr(hexadecimal ? 2 : 0);
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number,
                                              hexadecimal ? 16 : 10);
    if (error != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return number;
}

// The VNI is in the upper three bytes of the second word behind UDP's header (RFC 7348 §5).
// udp[] is about IPv4 only; IPv6 has it 40 bytes further from its own header.
std::string condition(const std::optional<std::uint32_t> &vni)
{
    if (!vni)
        return "(udp dst port 4789)";
    const std::uint32_t wanted = *vni << 8;
    return fmt::format("(udp dst port 4789 and (udp[12:4] & 0xffffff00 = {0:#x} or "
                       "ip6[52:4] & 0xffffff00 = {0:#x}))",
                       wanted);
}

Error refusal(const std::string &expression, std::string_view reason)
{
    return {Status::Usage, fmt::format("the filter \"{}\" is not valid: {}", expression, reason),
            "vxlan is taken as in: OUTER and vxlan 7 and INNER, with each \"or\" in parentheses"};
}

// What libpcap must not be left to find inside OUTER: what follows it is inside already.
bool moves_offsets(Words words)
{
    return std::ranges::any_of(words, [](std::string_view word) {
        return word == "geneve" || word == "mpls" || word == "pppoes";
    });
}

std::string text_of(Words words)
{
    std::string text;
    for (const std::string_view word : words)
        text.append(text.empty() ? "" : " ").append(word);
    return text;
}

} // namespace

Result<VxlanExpression> split_at_vxlan(const std::string &expression)
{
    const std::vector<std::string_view> all = words_of(expression);
    const auto count = std::ranges::count(all, "vxlan");
    if (count == 0)
        return VxlanExpression{expression, {}};
    if (count > 1)
        return std::unexpected(refusal(expression, "it has more than one \"vxlan\""));

    const Words words(all);
    const auto at = static_cast<std::size_t>(std::ranges::find(all, "vxlan") - all.begin());
    const Words before = words.first(at);
    Words after = words.subspan(at + 1);
    const auto vni = after.empty() ? std::nullopt : number_of(after.front());
    if (vni)
        after = after.subspan(1);
    if (vni && *vni > vni_max)
        return std::unexpected(refusal(expression, "a VNI has 24 bits"));
    std::string outer = text_of(before);
    outer += (outer.empty() ? "" : " ") + condition(vni);
    if (std::ranges::all_of(after, [](std::string_view word) { return word == ")"; }))
        return VxlanExpression{outer + text_of(after), {}};
    if (depth_after(before) != 0 || !is_and(after.front()) ||
        (!before.empty() && !is_and(before.back())) || has_or_outside_parentheses(after) ||
        moves_offsets(before))
        return std::unexpected(refusal(expression, "what follows \"vxlan\" is about the packet "
                                                   "inside, so it must be \"and INNER\""));
    return VxlanExpression{outer, text_of(after.subspan(1))};
}

} // namespace tcptrace
