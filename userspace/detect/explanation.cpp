// SPDX-License-Identifier: Apache-2.0
#include "detect/explanation.h"

namespace tcptrace {

namespace {

constexpr std::string_view heading = "\n## ";

// Calls visit(id, section) for each section of the second level.
template <typename Visit>
void for_each_section(Visit visit)
{
    const std::string_view page = detectors_page();
    for (std::size_t at = page.find(heading); at != std::string_view::npos;) {
        const std::size_t begin = at + 1;
        // The next heading of this level or the one above.
        std::size_t end = page.find("\n#", begin);
        while (end != std::string_view::npos && page.substr(end).starts_with("\n###"))
            end = page.find("\n#", end + 1);
        const std::string_view section =
            page.substr(begin, end == std::string_view::npos ? end : end + 1 - begin);
        const std::size_t name = heading.size() - 1;
        visit(section.substr(name, section.find('\n') - name), section);
        at = page.find(heading, begin);
    }
}

} // namespace

std::optional<std::string_view> explanation_of(std::string_view id)
{
    std::optional<std::string_view> found;
    for_each_section([&](std::string_view each, std::string_view section) {
        if (each == id)
            found = section;
    });
    return found;
}

std::vector<std::string_view> explained_ids()
{
    std::vector<std::string_view> ids;
    for_each_section([&](std::string_view each, std::string_view) { ids.push_back(each); });
    return ids;
}

} // namespace tcptrace
