// SPDX-License-Identifier: Apache-2.0
// A diagnosis stands with the last packet of its evidence that is not written yet.
#include "sink/comment_window.h"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace tcptrace;

namespace {

PacketView view(std::uint64_t number)
{
    PacketView packet;
    packet.time_ns = 5; // all at once: told apart by number
    packet.number = number;
    return packet;
}

struct Window {
    explicit Window(std::size_t packets)
        : window(packets * KeptPacket(view(0), 0, {}).cost(), [this](const KeptPacket &kept) {
              released += std::to_string(kept.view().number);
              for (const std::string &each : kept.comments())
                  released += each;
              released += " ";
          })
    {
    }
    std::string released;
    CommentWindow window;
};

} // namespace

TEST_CASE("packets leave in their order, when there is no room, or when told to")
{
    Window all(2);
    for (std::uint64_t number = 1; number <= 3; number++)
        all.window.add(KeptPacket(view(number), 0, {}));
    CHECK(all.released == "1 ");
    all.window.release_all();
    CHECK(all.released == "1 2 3 ");
}

TEST_CASE("a comment is the last packet's that is there, behind what it says already")
{
    Window all(3);
    for (std::uint64_t number = 1; number <= 4; number++)
        all.window.add(KeptPacket(view(number), 0, {"+mark"}));
    const std::vector evidence{StoredPacket(view(1)), StoredPacket(view(3)), StoredPacket(view(9))};
    CHECK(all.window.comment(evidence, "+diagnosis"));
    CHECK_FALSE(all.window.comment({StoredPacket(view(1))}, "+late"));
    CHECK_FALSE(all.window.comment({}, "+none"));
    all.window.release_all();
    CHECK(all.released == "1+mark 2+mark 3+mark+diagnosis 4+mark ");
}
