// SPDX-License-Identifier: Apache-2.0
// A translated filter, into the kernel; the verifier's reason if it refuses.
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"
#include "filter/translate.h"

#include <linux/bpf.h>

#include <span>

namespace tcptrace {

[[nodiscard]] Result<UniqueFd> load_filter(std::span<const bpf_insn> code, const FilterHook &hook,
                                           const char *name);

} // namespace tcptrace
