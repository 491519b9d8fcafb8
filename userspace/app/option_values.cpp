// SPDX-License-Identifier: Apache-2.0
#include "app/option_values.h"

#include "core/observation.h"
#include "detect/catalog.h"
#include "detect/explanation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

namespace tcptrace {

Result<std::uint64_t> parse_number(std::string_view option, std::string_view text)
{
    std::uint64_t number = 0;
    const char *end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);

    if (error != std::errc{} || rest != end || number == 0)
        return fail(Status::Usage,
                    fmt::format("{} takes a whole number above 0, not \"{}\"", option, text));
    return number;
}

Result<std::uint64_t> parse_bytes(std::string_view option, std::string_view text)
{
    struct Unit {
        std::string_view name;
        unsigned shift;
    };
    constexpr std::array units{Unit{"KiB", 10}, Unit{"MiB", 20}, Unit{"GiB", 30}};
    constexpr std::uint64_t most = 1ULL << 40;
    std::string_view digits = text;
    unsigned shift = 0;

    for (const Unit &unit : units) {
        if (text.ends_with(unit.name)) {
            digits.remove_suffix(unit.name.size());
            shift = unit.shift;
        }
    }
    if (digits == "0")
        return 0;
    const auto number = parse_number(option, digits);
    if (!number || *number > most >> shift)
        return fail(Status::Usage, fmt::format("{} takes a size, not \"{}\"", option, text),
                    "write 16MiB, 500KiB or 0");
    return *number << shift;
}

Result<std::chrono::nanoseconds> parse_duration(std::string_view text)
{
    struct Unit {
        std::string_view name;
        double seconds;
    };
    constexpr std::array units{Unit{"", 1}, Unit{"s", 1}, Unit{"ms", 1e-3}, Unit{"m", 60},
                               Unit{"h", 3600}};
    constexpr double seconds_max = 10 * 365 * 86400.0;
    double number = 0;
    const char *end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    const auto found = std::ranges::find(units, unit, &Unit::name);

    if (error != std::errc{} || found == units.end() || !(number > 0) ||
        number * found->seconds > seconds_max)
        return fail(Status::Usage, fmt::format("--for takes a duration, not \"{}\"", text),
                    "write 30s, 500ms, 2m or 1h");
    return std::chrono::nanoseconds(std::max(1LL, std::llround(number * found->seconds * 1e9)));
}

Result<tt_depth> parse_depth(std::string_view text)
{
    if (text == "stack")
        return TT_DEPTH_STACK;
    if (text == "notable")
        return TT_DEPTH_NOTABLE;
    if (text == "sequence")
        return TT_DEPTH_SEQUENCE;
    return fail(Status::Usage, fmt::format("--depth does not know \"{}\"", text),
                "it is stack, notable or sequence");
}

namespace {

std::vector<std::string_view> known_ids(Ids which)
{
    std::vector<std::string_view> ids = diagnosis_ids();
    if (which == Ids::Diagnoses) {
        ids.push_back("any");
        return ids;
    }
#define TT_PUSH_ID(bit, NAME, id) ids.push_back(#id);
    TT_ANOMALIES(TT_PUSH_ID)
#undef TT_PUSH_ID
    // An id may name both, as zero_window does.
    std::ranges::sort(ids);
    ids.erase(std::ranges::unique(ids).begin(), ids.end());
    return ids;
}

// How many letters must be put in, taken out or changed to get from one to the other
// (Levenshtein).
std::size_t distance(std::string_view from, std::string_view to)
{
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); i++) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < to.size(); j++) {
            const std::size_t changed = diagonal + (from[i] != to[j]);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, diagonal + 1, row[j] + 1});
        }
    }
    return row.back();
}

// The ids that may have been meant, or all when none is like it.
std::string suggestion(std::string_view word, const std::vector<std::string_view> &known)
{
    std::vector<std::string_view> near;
    if (word.size() < 64) {
        std::ranges::copy_if(known, std::back_inserter(near), [word](std::string_view id) {
            return distance(word, id) <= id.size() / 3 ||
                   (word.size() >= 3 && id.find(word) != std::string_view::npos);
        });
    }
    if (near.empty())
        return fmt::format("it takes {}", fmt::join(known, ", "));
    return fmt::format("near it: {}", fmt::join(near, ", "));
}

} // namespace

Result<std::set<std::string, std::less<>>> parse_ids(std::string_view option, std::string_view text,
                                                     Ids which)
{
    std::set<std::string, std::less<>> ids;
    const auto known = known_ids(which);

    for (std::size_t at = 0; at <= text.size();) {
        const std::string_view id = text.substr(at, text.find(',', at) - at);
        if (std::ranges::find(known, id) == known.end())
            return fail(Status::Usage, fmt::format("{} does not know \"{}\"", option, id),
                        suggestion(id, known));
        ids.emplace(id);
        at += id.size() + 1;
    }
    return ids;
}

Result<std::string> parse_explained(std::string_view id)
{
    if (explanation_of(id))
        return std::string(id);
    return fail(Status::Usage, fmt::format("--explain does not know \"{}\"", id),
                fmt::format("it knows {}", fmt::join(explained_ids(), ", ")));
}

} // namespace tcptrace
