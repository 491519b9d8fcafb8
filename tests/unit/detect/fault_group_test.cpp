// SPDX-License-Identifier: Apache-2.0
#include "detect/fault_group.h"
#include "support/frames.h"
#include "support/judged.h"

#include <array>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

const Address one = address("192.0.2.10");
const Address other = address("192.0.2.11");

// Three connections: they are told apart by where they are.
struct Flows {
    std::array<Judged, 3> judged{std::move(Judged(1).say(0, syn)), std::move(Judged(2).say(0, syn)),
                                 std::move(Judged(3).say(0, syn))};
    FaultShare share(std::size_t which, const Address &source) const
    {
        return {&judged.at(which).flow(), 1, source};
    }
};

} // namespace

TEST_CASE("fault_group: a source that all have, until one differs")
{
    const Flows flows;
    FaultPart part;
    part.join(flows.share(0, one));
    part.join(flows.share(1, one));
    CHECK(part.source == one);
    part.join(flows.share(2, other));
    CHECK((part.count == 3 && !part.source));
}

TEST_CASE("fault_group: what a crowd may explain is counted and illustrated apart")
{
    const Flows flows;
    FaultGroup group;
    for (const std::size_t which : {0U, 1U}) {
        const FaultShare share = flows.share(which, other);
        group.in_crowd.join(share);
        REQUIRE(group.in_crowd.new_example(share, share.flow->connection()));
    }
    const FaultShare client = flows.share(2, one);
    group.alone.join(client);
    REQUIRE(group.alone.new_example(client, client.flow->connection()));

    CHECK(group.count() == 3);
    CHECK_FALSE(group.source());
    CHECK(group.alone.source == one);
    REQUIRE(group.examples(false).size() == 1);
    CHECK(group.examples(false)[0]->flow == client.flow);
    CHECK(group.examples(true).size() == 3);

    const FaultShare asks_again = flows.share(0, other); // so it is in earnest
    group.in_crowd.move(asks_again, group.alone);
    CHECK((group.in_crowd.count == 1 && group.alone.count == 2));
    CHECK_FALSE(group.alone.source);
    CHECK(group.examples(false).size() == 2);
}

TEST_CASE("fault_group: the last example stays while there is somebody it stands for")
{
    const Flows flows;
    FaultPart part;
    const FaultShare first = flows.share(0, one);
    part.join(first);
    REQUIRE(part.new_example(first, first.flow->connection()));
    part.join(flows.share(1, one));
    part.leave(first);
    CHECK((part.count == 1 && part.examples.size() == 1));
    part.leave(first);
    CHECK((part.count == 0 && part.examples.empty()));
}
