// SPDX-License-Identifier: Apache-2.0
// The list that detectors enter themselves into.
#include "detect/catalog.h"
#include "detect/detector.h"

#include <algorithm>

namespace tcptrace {

namespace {

// Function-local, so that it is there before the first static registration.
std::vector<std::unique_ptr<Detector>> &registry()
{
    static std::vector<std::unique_ptr<Detector>> all;
    return all;
}

} // namespace

void register_detector(std::unique_ptr<Detector> detector)
{
    auto &all = registry();
    const auto place = std::ranges::lower_bound(all, detector->id(), {},
                                                [](const auto &other) { return other->id(); });
    all.insert(place, std::move(detector));
}

std::span<const std::unique_ptr<Detector>> detectors()
{
    return registry();
}

std::vector<std::string_view> diagnosis_ids()
{
    std::vector<std::string_view> ids;
    for (const auto &detector : detectors())
        ids.push_back(detector->id());
    return ids;
}

} // namespace tcptrace
