#include "app/delivery/client_queue.hpp"

#include "tests/unit/delivery/units.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace rtspproxy::delivery::tests {
namespace {

// Media of 100 bytes whose every byte is its name.
class ClientQueueTest : public testing::Test {
  protected:
    static Piece piece(char name, std::size_t size = 100) {
        const auto bytes = std::make_shared<const std::string>(size, name);
        return {bytes, {reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()}};
    }
    static ClientQueue::Media media(char name, bool starts = false, unsigned track = 0,
                                    bool has_key_frames = true) {
        return {piece(name), track, has_key_frames, starts, 1};
    }
    // The names of what leaves, in order; all of it leaves.
    std::string drain() {
        std::string names;
        while (!queue_.empty()) {
            std::array<iovec, 3> vector;
            const std::size_t filled = queue_.gather(vector, {});
            std::size_t bytes = 0;
            for (std::size_t i = 0; i < filled; ++i) {
                names += *static_cast<const char*>(vector[i].iov_base);
                bytes += vector[i].iov_len;
            }
            queue_.consume(bytes);
        }
        EXPECT_EQ(queue_.bytes(), 0U);
        return names;
    }

    ClientQueue queue_{1000};
};

TEST_F(ClientQueueTest, KeepsTheOrder) {
    for (const char name : std::string("abcdefg"))
        queue_.push(media(name));
    EXPECT_EQ(queue_.bytes(), 700U);
    EXPECT_EQ(drain(), "abcdefg");
}

TEST_F(ClientQueueTest, GoesOnWhereItStopped) {
    queue_.push(media('a'), 30);
    queue_.push(media('b'));
    std::array<iovec, 4> vector;
    ASSERT_EQ(queue_.gather(vector, {}), 2U);
    EXPECT_EQ(vector[0].iov_len, 70U);
    EXPECT_EQ(vector[1].iov_len, 100U);
    queue_.consume(120);
    ASSERT_EQ(queue_.gather(vector, {}), 1U);
    EXPECT_EQ(vector[0].iov_len, 50U);
    queue_.consume(50);
    EXPECT_TRUE(queue_.empty());
}

// However much of it leaves at a time.
TEST_F(ClientQueueTest, FramesMayLeaveByAnotherChannel) {
    const auto made = unit(7, 0, {.packets = 3});
    const auto other = unit(7, 0, {.packets = 3, .channel = 9});
    const std::string expected(other->framed().begin(), other->framed().end());
    for (std::size_t step = 1; step <= expected.size(); ++step) {
        SCOPED_TRACE(step);
        queue_.push({{made, made->framed(), 9}, 0, true, false, 3});
        queue_.push(media('b'));
        std::string left;
        while (!queue_.empty()) {
            std::array<iovec, 5> vector;
            std::array<ClientQueue::FrameHeader, 2> headers;
            std::size_t take = step;
            for (std::size_t i = 0, filled = queue_.gather(vector, headers); i < filled; ++i) {
                const std::size_t size = std::min(take, vector[i].iov_len);
                left.append(static_cast<const char*>(vector[i].iov_base), size);
                take -= size;
            }
            queue_.consume(step - take);
        }
        ASSERT_EQ(left, expected + std::string(100, 'b'));
    }
    EXPECT_EQ(made->framed()[1], 0) << "nobody else sees it";
}

TEST_F(ClientQueueTest, ResponsesOvertakeWhatHasNotBegunToLeave) {
    queue_.push(media('a'), 1);
    queue_.push(media('b'));
    queue_.push_response(piece('R', 10));
    queue_.push_response(piece('S', 10));
    EXPECT_EQ(queue_.response_bytes(), 20U);
    EXPECT_EQ(drain(), "aRSb");
    EXPECT_EQ(queue_.response_bytes(), 0U);
    queue_.push(media('c'));
    queue_.push_response(piece('T', 10));
    EXPECT_EQ(drain(), "Tc");
}

TEST_F(ClientQueueTest, OnOverflowEverythingGoesUpToTheNextKeyFrame) {
    queue_.push(media('a', true), 1);
    for (const char name : std::string("bcdefghij"))
        queue_.push(media(name));
    EXPECT_EQ(queue_.take_discarded(0), 0U);
    queue_.push(media('k')); // one too many
    EXPECT_EQ(queue_.take_discarded(0), 10U);
    EXPECT_EQ(queue_.bytes(), 99U); // what has begun to leave stays
    queue_.push(media('l'));
    EXPECT_EQ(queue_.take_discarded(0), 1U);
    queue_.push(media('M', true));
    queue_.push(media('n'));
    EXPECT_EQ(queue_.take_discarded(0), 0U);
    EXPECT_EQ(drain(), "aMn");
}

TEST_F(ClientQueueTest, AKeyFrameThatDoesNotFitMakesRoomForItself) {
    for (const char name : std::string("abcdefghij"))
        queue_.push(media(name));
    queue_.push(media('K', true));
    EXPECT_EQ(queue_.take_discarded(0), 10U);
    EXPECT_EQ(drain(), "K");
}

TEST_F(ClientQueueTest, RtcpAndResponsesAreNeverDiscarded) {
    queue_.push_rtcp(piece('r', 50));
    queue_.push_response(piece('R', 50));
    for (const char name : std::string("abcdefghij"))
        queue_.push(media(name));
    EXPECT_EQ(drain(), "Rr");
}

TEST_F(ClientQueueTest, ATrackWithoutKeyFramesGoesOnAtOnceTheOthersWait) {
    for (const char name : std::string("abcde"))
        queue_.push(media(name));
    for (const char name : std::string("123456"))
        queue_.push(media(name, false, 1, false)); // the sixth is one too many
    EXPECT_EQ(queue_.take_discarded(0), 5U);
    EXPECT_EQ(queue_.take_discarded(1), 5U);
    queue_.push(media('f'));
    queue_.push(media('7', false, 1, false));
    queue_.push(media('G', true));
    EXPECT_EQ(drain(), "67G");
}

TEST_F(ClientQueueTest, WhatMayPassDoesNotWait) {
    EXPECT_TRUE(queue_.pass(0, false));
    queue_.push(media('a'));
    EXPECT_FALSE(queue_.pass(0, true));
    for (const char name : std::string("bcdefghijk"))
        queue_.push(media(name));
    EXPECT_EQ(drain(), "");
    EXPECT_FALSE(queue_.pass(0, false)); // it waits for a key frame
    EXPECT_TRUE(queue_.pass(1, false));
    EXPECT_TRUE(queue_.pass(0, true));
    EXPECT_TRUE(queue_.pass(0, false));
}

TEST_F(ClientQueueTest, TheBurstOfAJoiningClientIsAllowedOnTop) {
    for (int i = 0; i < 20; ++i)
        queue_.push_burst(media('b'));
    for (const char name : std::string("cdefghijkl"))
        queue_.push(media(name));
    EXPECT_EQ(queue_.bytes(), 3000U);
    EXPECT_EQ(drain(), std::string(20, 'b') + "cdefghijkl");
    // Once it has left, the limit is the usual one.
    for (int i = 0; i < 11; ++i)
        queue_.push(media('m'));
    EXPECT_EQ(queue_.take_discarded(0), 11U);
}

TEST_F(ClientQueueTest, ForgetsATrackButNotWhatHasBegunToLeave) {
    queue_.push(media('a'), 1);
    queue_.push(media('b'));
    queue_.push(media('1', false, 1, false));
    queue_.forget(0);
    EXPECT_EQ(drain(), "a1");
}

} // namespace
} // namespace rtspproxy::delivery::tests
