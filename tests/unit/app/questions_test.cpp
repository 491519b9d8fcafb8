// SPDX-License-Identifier: Apache-2.0
#include "app/questions.h"
#include "support/knowing.h"
#include "support/story.h"

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

constexpr Said syn{.flags = TT_SYN, .sequence = 100};

struct Fixture {
    Fixture() { flow.update(story.at(0, syn)); }
    bool waits(double ms)
    {
        return questions.ask_about(flow, static_cast<std::uint64_t>(ms * 1e6));
    }

    Knowing machine{};
    Questions questions{&machine};
    Story story{};
    Flow flow{story.at(0, syn)};
};

} // namespace

TEST_CASE("questions: nobody to ask, nothing to wait for")
{
    Fixture of;
    Questions nobody(nullptr);
    CHECK_FALSE(nobody.possible());
    CHECK_FALSE(nobody.ask_about(of.flow, 1));
    CHECK(nobody.answers().empty());
}

TEST_CASE_METHOD(Fixture, "questions: the first answer is waited for, a second at most")
{
    CHECK(waits(0));
    CHECK(waits(999));
    CHECK(machine.asked.size() == 1);
    CHECK_FALSE(waits(1000));
    machine.answer();
    REQUIRE(questions.answers().size() == 1);
    CHECK_FALSE(waits(1001));
}

TEST_CASE_METHOD(Fixture, "questions: the answer ends the wait")
{
    CHECK(waits(0));
    machine.answer();
    REQUIRE(questions.answers().size() == 1);
    CHECK_FALSE(waits(1));
    CHECK(machine.asked.size() == 1);
}

TEST_CASE_METHOD(Fixture, "questions: who is too busy to listen is not waited for, and asked again")
{
    machine.listens = false;
    CHECK_FALSE(waits(0));
    machine.listens = true;
    CHECK(waits(1));
}

TEST_CASE_METHOD(Fixture,
                 "questions: asked again when more happened, not too often, without a wait")
{
    CHECK(waits(0));
    machine.answer();
    static_cast<void>(questions.answers());
    for (int second = 2; second < 100; second += 2) {
        flow.update(story.at(1000.0 * second - 1, syn));
        CHECK_FALSE(waits(1000.0 * second + 500));
        machine.settle();
        static_cast<void>(questions.answers());
    }
    CHECK(machine.asked.size() == 8);
}

TEST_CASE_METHOD(Fixture, "questions: nothing new is no reason to ask again")
{
    CHECK(waits(0));
    machine.answer();
    static_cast<void>(questions.answers());
    CHECK_FALSE(waits(60'000));
    CHECK(machine.asked.size() == 1);
}

TEST_CASE_METHOD(Fixture, "questions: a drop that a rule may have made is a question of its own")
{
    CHECK(waits(0));
    flow.update(story.drop(1, syn, {}));
    CHECK(waits(1));
    CHECK(machine.asked.size() == 2);
    machine.answer();
    static_cast<void>(questions.answers());
    CHECK(waits(2)); // the first answer knows of no rule
    machine.answer();
    static_cast<void>(questions.answers());
    CHECK_FALSE(waits(3));
    CHECK(machine.asked.size() == 2);
}

TEST_CASE_METHOD(Fixture, "questions: a flow that left is a new one when it comes again")
{
    CHECK(waits(0));
    questions.forget(flow);
    CHECK(waits(5000));
    CHECK(machine.asked.size() == 2);
}
