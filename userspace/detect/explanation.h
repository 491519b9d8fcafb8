// SPDX-License-Identifier: Apache-2.0
// What a diagnosis means, for --explain: the sections of docs/detectors.md, which the binary
// carries, so that page and program cannot differ.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace tcptrace {

[[nodiscard]] std::string_view detectors_page();

// The section of `id`, from its heading on, as Markdown.
[[nodiscard]] std::optional<std::string_view> explanation_of(std::string_view id);
[[nodiscard]] std::vector<std::string_view> explained_ids();

} // namespace tcptrace
