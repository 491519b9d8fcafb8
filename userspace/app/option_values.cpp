// SPDX-License-Identifier: Apache-2.0
#include "app/option_values.h"

#include "core/observation.h"
#include "detect/catalog.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace tcptrace {

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
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
    const auto found = std::ranges::find(units, unit, &Unit::name);

    if (error != std::errc{} || found == units.end() || !(number > 0) ||
        number * found->seconds > seconds_max)
        return fail(Status::Usage, fmt::format("\"{}\" is no duration", text),
                    "write 30s, 500ms, 2m or 1h");
    return std::chrono::nanoseconds(std::llround(number * found->seconds * 1e9));
}

namespace {

std::vector<std::string_view> known_ids(bool diagnoses_only)
{
    std::vector<std::string_view> ids = diagnosis_ids();
    if (diagnoses_only) {
        ids.push_back("any");
        return ids;
    }
    for_each_anomaly((1U << 17) - 1, [&](tt_anomaly anomaly) {
        // An id may name both, as zero_window does.
        if (std::ranges::find(ids, anomaly_id(anomaly)) == ids.end())
            ids.push_back(anomaly_id(anomaly));
    });
    return ids;
}

} // namespace

Result<std::set<std::string, std::less<>>> parse_ids(std::string_view option,
                                                     std::string_view text, bool diagnoses_only)
{
    std::set<std::string, std::less<>> ids;
    const auto known = known_ids(diagnoses_only);

    while (!text.empty()) {
        const std::string_view id = text.substr(0, text.find(','));
        if (std::ranges::find(known, id) == known.end())
            return fail(Status::Usage, fmt::format("{} does not know \"{}\"", option, id),
                        fmt::format("it takes {}", fmt::join(known, ", ")));
        ids.emplace(id);
        text.remove_prefix(std::min(text.size(), id.size() + 1));
    }
    return ids;
}

} // namespace tcptrace
