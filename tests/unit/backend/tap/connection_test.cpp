#include "app/backend/tap/tap_connection.hpp"

#include "app/backend/tap/tap.hpp"
#include "plugins/support/deleter.hpp"
#include "tests/unit/backend/tap/wire.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rtspproxy::backend::tests {
namespace {

template <class T>
using Owned = std::unique_ptr<T, Deleter<g_object_unref>>;

// A listening socket of this process, one connection to it and the accepted end.
class ConnectionTest : public ::testing::TestWithParam<const char*> {
  protected:
    ConnectionTest() {
        install_taps();
        const Owned<GInetAddress> any(g_inet_address_new_from_string(GetParam()));
        const Owned<GSocketAddress> address(g_inet_socket_address_new(any.get(), 0));
        const Owned<GSocketListener> listener(g_socket_listener_new());
        GSocketAddress* effective = nullptr;
        EXPECT_TRUE(g_socket_listener_add_address(listener.get(), address.get(),
                                                  G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                                                  nullptr, &effective, nullptr));
        const Owned<GSocketAddress> owned(effective);
        const Owned<GSocketClient> client(g_socket_client_new());
        ours_.reset(g_socket_client_connect(client.get(), G_SOCKET_CONNECTABLE(effective), nullptr,
                                            nullptr));
        theirs_.reset(g_socket_listener_accept(listener.get(), nullptr, nullptr, nullptr));
    }
    GInputStream* input(const Owned<GSocketConnection>& connection) {
        return g_io_stream_get_input_stream(G_IO_STREAM(connection.get()));
    }
    GOutputStream* output(const Owned<GSocketConnection>& connection) {
        return g_io_stream_get_output_stream(G_IO_STREAM(connection.get()));
    }
    void send(const Bytes& bytes) {
        g_output_stream_write_all(output(theirs_), bytes.data(), bytes.size(), nullptr, nullptr,
                                  nullptr);
    }

    Owned<GSocketConnection> ours_, theirs_;
};

TEST_P(ConnectionTest, OnlyTheEndThatConnectsHasATap) {
    ASSERT_TRUE(ours_ && theirs_);
    EXPECT_STREQ(G_OBJECT_TYPE_NAME(input(ours_)), "TapStream");
    EXPECT_STREQ(G_OBJECT_TYPE_NAME(input(theirs_)), "GSocketInputStream");
    EXPECT_STREQ(G_OBJECT_TYPE_NAME(output(ours_)), "TapOutput");
    EXPECT_STREQ(G_OBJECT_TYPE_NAME(output(theirs_)), "GSocketOutputStream");
}

TEST_P(ConnectionTest, CanBeWrittenToWithoutWaiting) {
    ASSERT_TRUE(ours_ && theirs_);
    auto* stream = G_POLLABLE_OUTPUT_STREAM(output(ours_));
    EXPECT_TRUE(g_pollable_output_stream_is_writable(stream));
    EXPECT_EQ(g_pollable_output_stream_write_nonblocking(stream, "hello", 5, nullptr, nullptr), 5);
    std::string got(5, '\0');
    EXPECT_EQ(g_input_stream_read(input(theirs_), got.data(), 5, nullptr, nullptr), 5);
    EXPECT_EQ(got, "hello");
    const std::unique_ptr<GSource, Deleter<g_source_unref>> source(
        g_pollable_output_stream_create_source(stream, nullptr));
    EXPECT_TRUE(source);
}

// What is asked by itself, from another thread, may come later.
TEST_P(ConnectionTest, AConversationEndsWithTheConnection) {
    ASSERT_TRUE(ours_ && theirs_);
    std::shared_ptr<Conversation> conversation;
    Tap::claim_newest(std::make_shared<Ledger>(), [&](Ref<GOutputStream> out) {
        return conversation = std::make_shared<Conversation>(
                   std::make_unique<exchange::Exchange>(exchange::Rules{}), std::move(out),
                   std::make_shared<Ledger>(), "");
    });
    ASSERT_TRUE(conversation);
    EXPECT_TRUE(conversation->ask(exchange::Message::request("OPTIONS", "*")));
    ours_.reset();
    EXPECT_FALSE(conversation->ask(exchange::Message::request("OPTIONS", "*")));
}

TEST_P(ConnectionTest, WhatTheTapHoldsCanBePolled) {
    ASSERT_TRUE(ours_ && theirs_);
    Tap::claim_newest(std::make_shared<Ledger>());
    auto* stream = G_POLLABLE_INPUT_STREAM(input(ours_));
    EXPECT_FALSE(g_pollable_input_stream_is_readable(stream));
    const std::string message = "RTSP/1.0 200 OK\r\n\r\n";
    send(text(message));
    std::string got(message.size(), '\0');
    ASSERT_EQ(g_input_stream_read(input(ours_), got.data(), 1, nullptr, nullptr), 1);
    // The socket is empty now.
    EXPECT_TRUE(g_pollable_input_stream_is_readable(stream));
    const auto context = Ref<GMainContext>::adopt(g_main_context_new());
    const std::unique_ptr<GSource, Deleter<g_source_unref>> source(
        g_pollable_input_stream_create_source(stream, nullptr));
    static bool fired;
    fired = false;
    const GPollableSourceFunc on_ready = [](GObject*, gpointer) -> gboolean {
        fired = true;
        return G_SOURCE_REMOVE;
    };
    g_source_set_callback(source.get(), G_SOURCE_FUNC(on_ready), nullptr, nullptr);
    g_source_attach(source.get(), context.get());
    for (int i = 0; i < 100 && !fired; ++i)
        g_main_context_iteration(context.get(), TRUE);
    EXPECT_TRUE(fired);
    ASSERT_EQ(g_pollable_input_stream_read_nonblocking(stream, got.data() + 1, got.size() - 1,
                                                       nullptr, nullptr),
              static_cast<gssize>(got.size() - 1));
    EXPECT_EQ(got.substr(1), message.substr(1));
    EXPECT_FALSE(g_pollable_input_stream_is_readable(stream));
}

INSTANTIATE_TEST_SUITE_P(, ConnectionTest, ::testing::Values("127.0.0.1", "::1"),
                         [](const auto& test) {
                             return std::string(test.param).front() == ':' ? "Ipv6" : "Ipv4";
                         });

} // namespace
} // namespace rtspproxy::backend::tests
