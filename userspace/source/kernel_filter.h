// SPDX-License-Identifier: Apache-2.0
// The user's filter inside the kernel: generated programs that stand at the hooks in the
// place of the main ones, leave their verdict in tt_cpu.verdict and call the main ones. How
// they are made: filter/translate.h. What the verdict does: bpf/.
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"
#include "filter/classic_program.h"
#include "filter/filter_programs.h"
#include "source/hooks.h"

#include <string>
#include <vector>

namespace tcptrace {

class KernelFilter {
public:
    // Compiles the expression and tries whether this kernel takes it; attaches nothing. A
    // usage error if the expression is wrong. What cannot run in the kernel is no error:
    // then runs() is false and note() says why.
    [[nodiscard]] static Result<KernelFilter> prepare(const std::string &expression, Inner inner,
                                                      bool xdp);

    [[nodiscard]] bool runs() const { return note_.empty(); }
    // A sentence for the user: the filter runs in user space, and why.
    [[nodiscard]] const std::string &note() const { return note_; }

    // Loads the programs that go before `mains`; these are what is attached from now on, as
    // long as this object lives. `cpus`: the map of struct tt_cpu.
    [[nodiscard]] Result<Hooks::Programs> stand_before(const Hooks::Programs &mains, int cpus);

private:
    explicit KernelFilter(ClassicProgram ethernet, ClassicProgram raw)
        : ethernet_(std::move(ethernet)), raw_(std::move(raw))
    {
    }
    [[nodiscard]] Result<void> try_on_this_kernel(bool xdp) const;

    ClassicProgram ethernet_;
    ClassicProgram raw_;
    std::string note_;
    std::vector<UniqueFd> held_; // programs, and the maps of programs they call
};

} // namespace tcptrace
