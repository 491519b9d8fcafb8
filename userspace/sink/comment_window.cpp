// SPDX-License-Identifier: Apache-2.0
#include "sink/comment_window.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace tcptrace {

namespace {

// As far as packets can be told apart: two of one length, interface and nanosecond cannot.
bool same(const PacketView &a, const PacketView &b)
{
    return a.time_ns == b.time_ns && a.number == b.number && a.ifindex == b.ifindex &&
           a.wire_length == b.wire_length;
}

} // namespace

CommentWindow::CommentWindow(std::size_t bytes_max, Release release)
    : bytes_max_(bytes_max), release_(std::move(release))
{
}

void CommentWindow::add(KeptPacket packet)
{
    bytes_ += packet.cost();
    packets_.push_back(std::move(packet));
    while (bytes_ > bytes_max_)
        release_oldest();
}

void CommentWindow::release_oldest()
{
    release_(packets_.front());
    bytes_ -= packets_.front().cost();
    packets_.pop_front();
}

bool CommentWindow::comment(const std::vector<StoredPacket> &evidence, const std::string &comment)
{
    for (const StoredPacket &stored : evidence | std::views::reverse) {
        const PacketView wanted = stored.view();
        const auto found =
            std::ranges::find_if(packets_ | std::views::reverse, [&wanted](const KeptPacket &kept) {
                return same(kept.view(), wanted);
            });
        if (found == packets_.rend())
            continue;
        found->comment(comment);
        return true;
    }
    return false;
}

void CommentWindow::release_all()
{
    while (!packets_.empty())
        release_oldest();
}

} // namespace tcptrace
