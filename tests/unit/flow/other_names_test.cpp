// SPDX-License-Identifier: Apache-2.0
// What is told under one name of a connection reads the same under the other, whichever of
// the ends has the lower address there.
#include "flow/other_names.h"
#include "flow/refusals.h"
#include "support/frames.h"
#include "support/story.h"

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

Connection connection(const char *client, const char *server)
{
    return {{address(client), 40000}, {address(server), 80}};
}

// The lower address is the client's, and then the server's.
const OtherName turned{connection("10.0.0.1", "10.0.0.2"), connection("10.1.0.9", "10.1.0.3")};
const OtherName straight{connection("10.0.0.1", "10.0.0.2"), connection("10.1.0.3", "10.1.0.9")};

tt_record from_client(const Connection &names)
{
    const tt_endpoints ends{names.initiator.address.raw, names.responder.address.raw,
                            names.initiator.port, names.responder.port};
    tt_record record{};
    record.sender =
        static_cast<std::uint8_t>(tt_flow_key_make(&record.key, &ends, TT_IPV4, 7, TT_WAY_UNKNOWN));
    record.state.initiator = record.sender;
    record.netns = 42;
    return record;
}

constexpr Said refusal{
    .from_client = false, .flags = TT_RST | TT_ACK, .sequence = 0, .acknowledgment = 4711};

} // namespace

TEST_CASE("what the client sent under one name, it sent under the other")
{
    for (const OtherName &name : {turned, straight}) {
        const tt_record told = from_client(name.elsewhere);
        const tt_record record = renamed(told, name);
        const Observation observation{.record = record};
        CHECK(observation.source() == name.judged.initiator);
        CHECK(observation.destination() == name.judged.responder);
        CHECK(record.state.initiator == record.sender);
        CHECK(record.key.ifindex == 7);
        CHECK(record.netns == 0);
    }
}

TEST_CASE("a connection's other names are found, until it is over")
{
    OtherNames names;
    CHECK(names.empty());
    names.add(turned);
    REQUIRE(names.find(key_of(turned.elsewhere)));
    CHECK(names.find(key_of(turned.elsewhere))->judged == turned.judged);
    CHECK_FALSE(names.find(key_of(turned.judged)));
    names.forget(key_of(straight.elsewhere));
    CHECK_FALSE(names.empty());
    names.forget(key_of(turned.judged));
    CHECK(names.empty());
}

TEST_CASE("a connection has a few other names at most")
{
    OtherNames names;
    for (std::uint16_t port = 1; port <= 9; port++) {
        OtherName name = turned;
        name.elsewhere.initiator.port = port;
        names.add(name);
    }
    OtherName ninth = turned;
    ninth.elsewhere.initiator.port = 9;
    CHECK_FALSE(names.find(key_of(ninth.elsewhere)));
}

TEST_CASE("a refusal that passes under two names is one: the later is the client's")
{
    Refusals refusals;
    Story at_server(50000);
    Story at_client(40000);
    CHECK_FALSE(refusals.match(at_server.at(1000, refusal)));
    CHECK_FALSE(refusals.match(at_server.at(1000.1, refusal)));
    const auto name = refusals.match(at_client.at(1000.2, refusal, 2));
    REQUIRE(name);
    CHECK(name->judged.initiator.port == 40000);
    CHECK(name->elsewhere.initiator.port == 50000);
}

TEST_CASE("a refusal that is told late has its place by its time")
{
    Refusals refusals;
    Story at_server(50000);
    Story at_client(40000);
    CHECK_FALSE(refusals.match(at_client.at(1000.2, refusal, 2)));
    const auto name = refusals.match(at_server.at(1000, refusal));
    REQUIRE(name);
    CHECK(name->judged.initiator.port == 40000);
}

TEST_CASE("other refusals are others")
{
    Refusals refusals;
    Story one(50000);
    Story another(40000);
    static_cast<void>(refusals.match(one.at(1000, refusal)));
    Said different = refusal;
    different.acknowledgment++;
    CHECK_FALSE(refusals.match(another.at(1000, different, 2)));
    Said in_data = refusal;
    in_data.sequence = 77;
    CHECK_FALSE(refusals.match(another.at(1000, in_data, 2)));
    Said bare = refusal;
    bare.flags = TT_RST;
    CHECK_FALSE(refusals.match(another.at(1000, bare, 2)));
    CHECK_FALSE(refusals.match(another.at(1200, refusal, 2))); // the same number, long after
    CHECK_FALSE(refusals.match(another.at(1000, refusal)));    // a scanner's
}
