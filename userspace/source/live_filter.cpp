// SPDX-License-Identifier: Apache-2.0
#include "source/live_filter.h"

#include <pcap/dlt.h>

namespace tcptrace {

Result<LiveFilter> LiveFilter::compile(const std::string &expression, Inner inner,
                                       const Where &where)
{
    LiveFilter filter;
    if (expression.empty())
        return filter;
    auto user = PacketFilter::compile(expression, DLT_EN10MB, inner);
    if (!user)
        return std::unexpected(user.error());
    filter.user_ = std::move(*user);
    if (!where.hooks)
        return filter;
    auto kernel = KernelFilter::prepare(expression, inner, where.xdp);
    if (!kernel)
        return std::unexpected(kernel.error());
    filter.kernel_ = std::move(*kernel);
    return filter;
}

Result<Hooks::Programs> LiveFilter::stand_before(const Hooks::Programs &mains, int cpus)
{
    if (!runs_in_kernel())
        return mains;
    return kernel_->stand_before(mains, cpus);
}

// What the kernel's filter was asked of is not asked again: it saw the whole packet.
bool LiveFilter::lets_through(const Observation &observation) const
{
    const tt_record &record = observation.record;
    const bool is_error = record.segment.kind == TT_KIND_ICMP_ERROR && !record.is_packet &&
                          !(record.state.marks & TT_MARK_WANTED);
    const bool asked = runs_in_kernel() && record.witness != TT_WITNESS_STACK && !is_error;
    if (!user_ || asked)
        return true;
    return record.is_packet ? user_->matches_frame(observation) : user_->matches(observation);
}

} // namespace tcptrace
