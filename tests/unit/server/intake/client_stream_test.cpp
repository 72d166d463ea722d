#include "app/server/intake/client_stream.hpp"
#include "app/server/intake/request_framer.hpp"

#include "tests/unit/server/intake/connected_pair.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rtspproxy::server::tests {
namespace {

using namespace std::chrono_literals;
using rtspproxy::tests::eventually;
using rtspproxy::tests::throughout;

const std::string kOptions = "OPTIONS rtsp://h/a RTSP/1.0\r\nCSeq: 1\r\n\r\n";

class ClientStreamTest : public testing::Test {
  protected:
    explicit ClientStreamTest(std::chrono::milliseconds timeout = 10s)
        : state_(std::make_shared<IntakeState>(IntakeOptions{{}, timeout})) {}

    template <class Condition>
    bool run_until(Condition condition) {
        return eventually([&] {
            while (g_main_context_iteration(context_.get(), FALSE) != FALSE) {
            }
            return condition();
        });
    }
    void run_for(std::chrono::milliseconds span) {
        const auto end = std::chrono::steady_clock::now() + span;
        (void)run_until([&] { return std::chrono::steady_clock::now() >= end; });
    }

    const Ref<GMainContext> context_ = Ref<GMainContext>::adopt(g_main_context_new());
    const std::shared_ptr<IntakeState> state_;
    ConnectedPair pair_{state_, context_.get()};
};

class ImpatientStreamTest : public ClientStreamTest {
  protected:
    ImpatientStreamTest() : ClientStreamTest(200ms) {}
};

TEST_F(ClientStreamTest, HandsOnOneMessageATurn) {
    pair_.send(kOptions + kOptions + kOptions);
    ASSERT_TRUE(run_until([&] { return pair_.read.size() == 3; }));
    EXPECT_THAT(pair_.read, testing::Each(kOptions));
    EXPECT_FALSE(pair_.ended);
    pair_.close_client();
    EXPECT_TRUE(run_until([&] { return pair_.ended; }));
}

TEST_F(ClientStreamTest, KeepsHalfARequestToItself) {
    pair_.send(kOptions.substr(0, 20));
    run_for(100ms);
    EXPECT_TRUE(pair_.read.empty());
    pair_.send(kOptions.substr(20));
    ASSERT_TRUE(run_until([&] { return !pair_.read.empty(); }));
    EXPECT_EQ(pair_.all(), kOptions);
}

TEST_F(ClientStreamTest, CanBePolledForWhatItHolds) {
    pair_.send(kOptions);
    ASSERT_TRUE(eventually([&] {
        return g_pollable_input_stream_is_readable(G_POLLABLE_INPUT_STREAM(pair_.stream())) !=
               FALSE;
    }));
    char byte = 0;
    ASSERT_EQ(g_pollable_input_stream_read_nonblocking(G_POLLABLE_INPUT_STREAM(pair_.stream()),
                                                       &byte, 1, nullptr, nullptr),
              1);
    // The socket is empty now.
    EXPECT_TRUE(g_pollable_input_stream_is_readable(G_POLLABLE_INPUT_STREAM(pair_.stream())));
}

TEST_F(ClientStreamTest, CountsAConnectionUntilItIsClosed) {
    EXPECT_EQ(state_->connections(), 1U);
    {
        const ConnectedPair second(state_, context_.get());
        EXPECT_EQ(state_->connections(), 2U);
    }
    EXPECT_TRUE(run_until([&] { return state_->connections() == 1; }));
}

TEST_F(ClientStreamTest, LeavesOtherConnectionsAlone) {
    const auto plain = Ref<GSocket>::adopt(
        g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, nullptr));
    const std::unique_ptr<GSocketConnection, Deleter<g_object_unref>> connection(
        g_socket_connection_factory_create_connection(plain.get()));
    EXPECT_STREQ(G_OBJECT_TYPE_NAME(pair_.stream()), "ClientStream");
    EXPECT_STRNE(G_OBJECT_TYPE_NAME(g_io_stream_get_input_stream(G_IO_STREAM(connection.get()))),
                 "ClientStream");
}

TEST_F(ClientStreamTest, AnswersWhatIsTooLongAndEnds) {
    pair_.send("OPTIONS rtsp://h/a RTSP/1.0\r\nCSeq: 6\r\nContent-Length: 100000\r\n\r\nbody");
    ASSERT_TRUE(run_until([&] { return pair_.ended; }));
    EXPECT_EQ(pair_.all(), provoking_message(Refusal::TooLong, "6"));
    EXPECT_EQ(state_->counters.too_long, 1U);
}

TEST_F(ClientStreamTest, DoesNotReadForEver) {
    pair_.send("OPTIONS rtsp://h/a RTSP/1.0\r\n");

    std::string header(50'000, 'a');
    for (std::size_t i = 3; i < header.size(); i += 4)
        header[i] = '\n';
    for (std::size_t i = 1; i < header.size(); i += 4)
        header[i] = ':';
    ASSERT_TRUE(run_until([&] {
        pair_.send(header);
        return pair_.ended;
    }));
    EXPECT_EQ(pair_.all(), provoking_message(Refusal::TooLong, ""));
}

TEST_F(ClientStreamTest, DoesNotSkipLineEndsForEver) {
    const std::string line_ends(50'000, '\n');
    ASSERT_TRUE(run_until([&] {
        if (!pair_.ended)
            pair_.send(line_ends);
        return pair_.ended;
    }));
    EXPECT_EQ(state_->counters.malformed, 1U);
}

TEST_F(ClientStreamTest, SlowsAClientDownThatAsksWithoutEnd) {
    std::string many;
    for (int i = 0; i < 1000; ++i)
        many += kOptions;
    const auto begin = std::chrono::steady_clock::now();
    pair_.send(many);
    ASSERT_TRUE(run_until([&] { return pair_.read.size() == 1000; }));
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 1s);
    EXPECT_EQ(pair_.all(), many);
}

TEST_F(ImpatientStreamTest, EndsARequestThatTakesTooLong) {
    pair_.send(kOptions + kOptions.substr(0, 20));
    ASSERT_TRUE(run_until([&] { return pair_.ended; }));
    EXPECT_EQ(pair_.all(), kOptions);
    EXPECT_EQ(state_->counters.timed_out, 1U);
}

TEST_F(ImpatientStreamTest, EndsOneThatComesByteByByte) {
    pair_.send("OPTIONS rtsp://h/a RTSP/1.0\r\nA: ");
    ASSERT_TRUE(run_until([&] {
        if (!pair_.ended)
            pair_.send("a");
        return pair_.ended;
    }));
    EXPECT_TRUE(pair_.read.empty());
}

TEST_F(ImpatientStreamTest, LetsAClientBeSilentBetweenRequests) {
    pair_.send(kOptions);
    run_for(400ms);
    EXPECT_FALSE(pair_.ended);
    pair_.send(kOptions);
    EXPECT_TRUE(run_until([&] { return pair_.read.size() == 2; }));
}

TEST_F(ClientStreamTest, GivesWayWhenItIsSilentAndOthersCome) {
    const auto state = std::make_shared<IntakeState>(IntakeOptions{{.total = 2, .per_address = 2}});
    ConnectedPair talks(state, context_.get());
    ConnectedPair silent(state, context_.get());
    talks.send(kOptions);
    ASSERT_TRUE(run_until([&] { return talks.read.size() == 1; }));
    silent.send("OPT");
    const auto socket = Ref<GSocket>::adopt(
        g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, nullptr));
    EXPECT_FALSE(state->admit(socket.get(), "address", "a")); // it is left some time
    EXPECT_EQ(state->counters.refused, 1U);
    run_for(ConnectionTable::kGrace);
    auto admission = state->admit(socket.get(), "address", "a");
    EXPECT_TRUE(admission);
    EXPECT_TRUE(run_until([&] { return silent.ended; }));
    EXPECT_FALSE(talks.ended);
    EXPECT_FALSE(state->admit(socket.get(), "address", "a"));
    EXPECT_EQ(state->counters.pushed_out, 1U);
    EXPECT_EQ(state->connections(), 2U);
}

} // namespace
} // namespace rtspproxy::server::tests
