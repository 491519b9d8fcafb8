// SPDX-License-Identifier: Apache-2.0
// Which dropped packets are no fault: the kernel frees them on healthy connections, too. The
// table of them is in the .cpp, by names; here it becomes numbers of the running kernel, so
// that they end in the kernel and nobody is woken up for each connection that is closed.
#pragma once

#include "source/drop_reasons.h"
#include "source/kernel_symbols.h"

#include <tcptrace/drop.h>

namespace tcptrace {

// Where functions' addresses are not known, what only a function tells apart is taken for
// no fault.
[[nodiscard]] tt_quiet_drops quiet_drops(const DropReasons &reasons, const KernelSymbols &symbols);

} // namespace tcptrace
