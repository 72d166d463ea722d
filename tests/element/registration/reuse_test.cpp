// reuse_connection: the device's own connection becomes the proxy's.
#include "tests/element/registration/door_fixture.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

constexpr const char* kUrl = "rtsp://camera.example/stream";
constexpr const char* kReuse = "reuse_connection; proxy_url_suffix=garden";

class ReuseTest : public DoorTest {
  protected:
    ReuseTest() {
        handle_registrations();
        handle_connections();
        set("reuse-delay", "0");
        EXPECT_TRUE(open());
    }
};

TEST_F(ReuseTest, HandsTheConnectionOutOnceTheResponseIsOut) {
    Peer device(bound_port());
    device.send(register_request(kUrl, kReuse));
    ASSERT_TRUE(wait_calls(2));
    const auto calls = this->calls();
    EXPECT_EQ(calls[0].signal, "register");
    ASSERT_TRUE(calls[0].socket);
    EXPECT_EQ(calls[1].signal, "reuse");
    EXPECT_EQ(calls[1].socket, calls[0].socket);
    EXPECT_EQ(calls[1].url, kUrl);
    EXPECT_EQ(calls[1].suffix, "garden");
    EXPECT_EQ(calls[1].address, "127.0.0.1");

    // The response was first; now requests go one way and responses the other.
    GSocket* socket = calls[1].socket.get();
    const std::string describe = "DESCRIBE rtsp://camera.example/stream RTSP/1.0\r\n\r\n";
    ASSERT_EQ(g_socket_send(socket, describe.data(), describe.size(), nullptr, nullptr),
              static_cast<gssize>(describe.size()));
    EXPECT_EQ(device.status(), 200U);
    EXPECT_EQ(device.bytes(describe.size()), describe);
    device.send("RTSP/1.0 200 OK\r\n\r\n");
    std::string answer(64, '\0');
    EXPECT_GT(g_socket_receive(socket, answer.data(), answer.size(), nullptr, nullptr), 0);
    EXPECT_TRUE(answer.starts_with("RTSP/1.0 200 OK"));
    EXPECT_EQ(counted("reused"), 1U);
    EXPECT_EQ(counted("pending"), 0U);
}

TEST_F(ReuseTest, WaitsBeforeItHandsTheConnectionOut) {
    set("reuse-delay", "300");
    const auto before = Clock::now();
    Peer device(bound_port());
    device.send(register_request(kUrl, kReuse));
    EXPECT_EQ(device.status(), 200U);
    ASSERT_TRUE(wait_calls(2));
    EXPECT_GE(Clock::now() - before, 300ms);
}

TEST_F(ReuseTest, KeepsTheConnectionPastTheDecideTimeout) {
    set("reuse-delay", "300");
    Peer device(bound_port());
    device.send(register_request(kUrl, kReuse));
    ASSERT_TRUE(wait_calls(1));
    set("decide-timeout", "50");
    ASSERT_TRUE(wait_calls(2));
    EXPECT_TRUE(g_socket_is_connected(calls()[1].socket.get()));
    EXPECT_EQ(counted("dropped-timeout"), 0U);
}

TEST_F(ReuseTest, LeavesUnreadWhatTheDeviceSendsMeanwhile) {
    set("reuse-delay", "100");
    Peer device(bound_port());
    device.send(register_request(kUrl, kReuse) + "early");
    ASSERT_TRUE(wait_calls(2));
    std::string early(64, '\0');
    EXPECT_EQ(
        g_socket_receive(calls()[1].socket.get(), early.data(), early.size(), nullptr, nullptr), 5);
    EXPECT_TRUE(early.starts_with("early"));
}

TEST_F(ReuseTest, ARefusedDeviceKeepsItsConnection) {
    status_ = 451;
    Peer device(bound_port());
    device.send(register_request(kUrl, kReuse));
    EXPECT_EQ(device.status(), 451U);
    status_ = 200;
    device.send(register_request(kUrl, kReuse));
    EXPECT_EQ(device.status(), 200U);
    ASSERT_TRUE(wait_calls(3));
    EXPECT_EQ(calls()[2].signal, "reuse");
    EXPECT_EQ(calls()[2].socket, calls()[1].socket);
}

TEST_F(ReuseTest, ADeviceThatGoesMeanwhileIsHandedOutAtItsEnd) {
    set("reuse-delay", "100");
    {
        Peer device(bound_port());
        device.send(register_request(kUrl, kReuse));
        EXPECT_EQ(device.status(), 200U);
    }
    ASSERT_TRUE(wait_calls(2));
    char byte = 0;
    EXPECT_LE(g_socket_receive(calls()[1].socket.get(), &byte, 1, nullptr, nullptr), 0);
}

TEST_F(ReuseTest, ClosingMeanwhileClosesTheConnection) {
    set("reuse-delay", "10000");
    Peer device(bound_port());
    device.send(register_request(kUrl, kReuse));
    EXPECT_EQ(device.status(), 200U);
    EXPECT_EQ(calls().size(), 1U);
    // The test's own reference to the socket must not keep it open.
    close();
    EXPECT_TRUE(device.ends());
    EXPECT_EQ(calls().size(), 1U);
}

TEST_F(ReuseTest, DeregisterTakesNoConnection) {
    Peer device(bound_port());
    device.send(register_request(kUrl, kReuse, "", "DEREGISTER"));
    EXPECT_EQ(device.status(), 200U);
    device.send(register_request(kUrl, ""));
    EXPECT_EQ(device.status(), 200U);
}

} // namespace
} // namespace rtspproxy::tests
