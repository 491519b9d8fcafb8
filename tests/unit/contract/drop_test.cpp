// SPDX-License-Identifier: Apache-2.0
// Where a dropped packet was, by what its buffer shows.
#include <tcptrace/drop.h>

#include <catch2/catch_test_macros.hpp>

TEST_CASE("of many drops the first are told, and then each power of two")
{
    unsigned told = 0;
    for (tt_u32 seen = 1; seen <= 1'000'000; seen++)
        told += tt_is_drop_told(seen);
    CHECK(told == TT_DROPS_TOLD_OF_FLOW + 16); // 16, 32 ... 524288
}

TEST_CASE("the place of a drop")
{
    tt_drop_facts came_in{};
    came_in.received = came_in.has_device = came_in.in_ip = true;
    const auto with = [](tt_drop_facts facts, auto change) {
        change(facts);
        return tt_place_of(&facts);
    };
    const auto nothing = [](tt_drop_facts &) {};

    CHECK(with(came_in, nothing) == TT_PLACE_PREROUTING);
    CHECK(with(came_in, [](auto &f) {
              f.in_ip = false;
              f.at_entrance = true;
          }) == TT_PLACE_INGRESS);
    // A bridge's hooks have other names.
    CHECK(with(came_in, [](auto &f) { f.in_ip = false; }) == TT_PLACE_UNKNOWN);
    CHECK(with(came_in, [](auto &f) { f.route = TT_ROUTE_LOCAL; }) == TT_PLACE_INPUT);
    // TCP takes the device off.
    CHECK(with(came_in, [](auto &f) {
              f.route = TT_ROUTE_LOCAL;
              f.has_device = false;
          }) == TT_PLACE_INPUT);
    CHECK(with(came_in, [](auto &f) { f.route = TT_ROUTE_ONWARD; }) == TT_PLACE_FORWARD);
    CHECK(with(came_in, [](auto &f) {
              f.route = TT_ROUTE_ONWARD;
              f.at_route_device = true;
          }) == TT_PLACE_POSTROUTING);
    CHECK(with(came_in, [](auto &f) {
              f.route = TT_ROUTE_ONWARD;
              f.at_route_device = f.has_link_header = true;
          }) == TT_PLACE_EGRESS);
    CHECK(with(came_in, [](auto &f) { f.route = TT_ROUTE_UNKNOWN; }) == TT_PLACE_UNKNOWN);
    // lo gives a packet back with the route that it left by.
    CHECK(with(came_in, [](auto &f) {
              f.route = TT_ROUTE_LOCAL;
              f.is_loopback = true;
          }) == TT_PLACE_UNKNOWN);

    tt_drop_facts own{};
    own.route = TT_ROUTE_ONWARD;
    CHECK(with(own, nothing) == TT_PLACE_OUTPUT);
    CHECK(with(own, [](auto &f) { f.has_device = f.at_route_device = true; }) ==
          TT_PLACE_POSTROUTING);
    CHECK(with(own, [](auto &f) { f.has_device = f.at_route_device = f.has_link_header = true; }) ==
          TT_PLACE_EGRESS);
    CHECK(with(own, [](auto &f) { f.route = TT_ROUTE_NONE; }) == TT_PLACE_UNKNOWN);
}
