// Connections that are not about registration: handed on as they came.
#include "plugins/support/deleter.hpp"
#include "tests/element/registration/door_fixture.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <thread>

namespace rtspproxy::tests {
namespace {

class PassingTest : public DoorTest {
  protected:
    // Reads from a connection that was handed on.
    static std::string receive(const Call& call, std::size_t count) {
        std::string text;
        while (text.size() < count) {
            char byte = 0;
            if (g_socket_receive(call.socket.get(), &byte, 1, nullptr, nullptr) != 1)
                break;
            text += byte;
        }
        return text;
    }
};

TEST_F(PassingTest, LeavesEveryByteUnread) {
    handle_connections();
    ASSERT_TRUE(open());
    const std::vector<std::string> beginnings{
        "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        "DESCRIBE rtsp://proxy/x RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        "RECORD rtsp://proxy/x RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        "GET /x HTTP/1.0\r\nx-sessioncookie: 1\r\n\r\n",
        "POST /x HTTP/1.0\r\nx-sessioncookie: 1\r\n\r\nREGISTER rtsp://",
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), // a TLS ClientHello
        "$\x01garbage",
        "register rtsp://proxy/x RTSP/1.0\r\n\r\n",
        std::string(1, '\0'),
        std::string(20000, 'x'), // more than is ever looked at
    };
    std::size_t count = 0;
    for (const std::string& beginning : beginnings) {
        Peer peer(bound_port());
        peer.send(beginning);
        ASSERT_TRUE(wait_calls(++count)) << beginning;
        const Call call = calls().back();
        EXPECT_EQ(call.signal, "connection");
        EXPECT_EQ(call.address, "127.0.0.1");
        EXPECT_EQ(call.port, peer.port());
        EXPECT_EQ(receive(call, beginning.size()), beginning);
        // …and the connection is good in both directions.
        EXPECT_EQ(g_socket_send(call.socket.get(), "reply", 5, nullptr, nullptr), 5);
        EXPECT_EQ(peer.bytes(5), "reply");
        peer.send("more");
        EXPECT_EQ(receive(call, 4), "more");
    }
    EXPECT_TRUE(eventually([&] { return counted("passed") == beginnings.size(); }));
    EXPECT_EQ(counted("accepted"), beginnings.size());
    EXPECT_EQ(counted("pending"), 0U);
}

TEST_F(PassingTest, DecidesAtTheFirstByteThatDiffers) {
    handle_connections();
    ASSERT_TRUE(open());
    Peer peer(bound_port());
    peer.send("DE");
    EXPECT_TRUE(eventually([this] { return counted("pending") == 1; }));
    EXPECT_TRUE(calls().empty());
    peer.send("S");
    ASSERT_TRUE(wait_calls(1));
    EXPECT_EQ(receive(calls()[0], 3), "DES");
}

TEST_F(PassingTest, SocketsAreAsGStreamerMakesThem) {
    handle_connections();
    ASSERT_TRUE(open());
    Peer peer(bound_port());
    peer.send("REGI"); // long enough to be waited for
    std::this_thread::sleep_for(20ms);
    peer.send("NALD rtsp://proxy/x RTSP/1.0\r\n\r\n");
    ASSERT_TRUE(wait_calls(1));
    GSocket* socket = calls()[0].socket.get();
    EXPECT_TRUE(g_socket_get_blocking(socket));
    const int descriptor = g_socket_get_fd(socket);
    EXPECT_NE(fcntl(descriptor, F_GETFL) & O_NONBLOCK, 0); // GSocket's way, blocking or not
    EXPECT_NE(fcntl(descriptor, F_GETFD) & FD_CLOEXEC, 0);
    int low_water_mark = 0;
    socklen_t length = sizeof low_water_mark;
    getsockopt(descriptor, SOL_SOCKET, SO_RCVLOWAT, &low_water_mark, &length);
    EXPECT_EQ(low_water_mark, 1);
    const std::unique_ptr<GSocketConnection, Deleter<g_object_unref>> connection(
        g_socket_connection_factory_create_connection(socket));
    EXPECT_TRUE(G_IS_TCP_CONNECTION(connection.get()));
}

TEST_F(PassingTest, Ipv6PeersLookLikeIpv6AndIpv4PeersLikeIpv4) {
    handle_connections();
    set("address", "");
    ASSERT_TRUE(open());
    Peer ipv4(bound_port());
    ipv4.send("O");
    ASSERT_TRUE(wait_calls(1));
    EXPECT_EQ(calls()[0].address, "127.0.0.1");
    if (!connect_tcp("::1", bound_port(), kPatience))
        GTEST_SKIP() << "no IPv6 on this machine";
    Peer ipv6(bound_port(), "::1");
    ipv6.send("O");
    ASSERT_TRUE(wait_calls(2));
    EXPECT_EQ(calls()[1].address, "::1");
}

TEST_F(PassingTest, WhatNobodyTakesIsAnswered503) {
    ASSERT_TRUE(open());
    Peer peer(bound_port());
    peer.send("DESCRIBE rtsp://proxy/x RTSP/1.0\r\nCSeq: 5\r\n\r\n");
    EXPECT_EQ(peer.response(), "RTSP/1.0 503 Service Unavailable\r\nCSeq: 5\r\n\r\n");
    EXPECT_TRUE(peer.ends());
    Peer tls(bound_port());
    tls.send("\x16\x03\x01");
    EXPECT_TRUE(tls.ends()); // no text into a TLS handshake
    EXPECT_EQ(counted("unclaimed"), 2U);
    EXPECT_EQ(counted("passed"), 0U);
}

} // namespace
} // namespace rtspproxy::tests
