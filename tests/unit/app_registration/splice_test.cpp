// A device's connection, while it is played.
#include "tests/support/process.hpp"
#include "tests/unit/app_registration/splice_fixture.hpp"

#include <gmock/gmock.h>

#include <future>

namespace rtspproxy::tests {
namespace {

using registration_app::ReusedConnection;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(SpliceTest, PassesBytesBothWays) {
    End device = attach();
    End client = dial();
    exchange(client, device, "DESCRIBE",
             "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 5\r\n\r\nv=0\r\n");
    exchange(client, device, "SETUP");
    exchange(client, device, "PLAY");
    device.send(frame("media") + frame("") + frame("more"));
    EXPECT_EQ(client.read(21), frame("media") + frame("") + frame("more"));
    client.send(frame("receiver report"));
    EXPECT_EQ(device.read(19), frame("receiver report"));
    // A request of the device.
    device.send(request("GET_PARAMETER"));
    EXPECT_EQ(client.read(request("GET_PARAMETER").size()), request("GET_PARAMETER"));
    exchange(client, device, "TEARDOWN");
    EXPECT_THAT(gone(), IsEmpty());
}

TEST_F(SpliceTest, PassesWhatComesInPieces) {
    End device = attach();
    End client = dial();
    const std::string setup = request("SETUP");
    for (const char byte : setup)
        client.send(std::string(1, byte));
    EXPECT_EQ(device.read(setup.size()), setup);
    for (const char byte : ok_response() + frame("media"))
        device.send(std::string(1, byte));
    EXPECT_EQ(client.read(ok_response().size() + 9), ok_response() + frame("media"));
}

TEST_F(SpliceTest, NothingIsLostWhenTheClientIsSlow) {
    End device = attach();
    End client = dial();
    exchange(client, device, "SETUP");
    std::string media;
    for (int i = 0; media.size() < 24'000'000; ++i)
        media += frame(std::string(1400, static_cast<char>(i)) + std::to_string(i));
    // Nobody reads: at some time no more is taken, and what is held is little.
    std::size_t sent = 0;
    while (const std::size_t more = device.send_some(media.substr(sent, 1'000'000)))
        sent += more;
    ASSERT_LT(sent, media.size());
    auto rest = std::async(std::launch::async, [&] { device.send(media.substr(sent)); });
    EXPECT_TRUE(client.read(media.size()) == media);
    rest.get();
    exchange(client, device, "TEARDOWN");
}

TEST_F(SpliceTest, NothingIsLostWhenTheDeviceIsSlow) {
    End device = attach();
    End client = dial();
    std::string reports = request("SETUP");
    while (reports.size() < 24'000'000)
        reports += frame(std::string(1000, static_cast<char>(reports.size() % 251)));
    std::size_t sent = 0;
    while (const std::size_t more = client.send_some(reports.substr(sent, 1'000'000)))
        sent += more;
    ASSERT_LT(sent, reports.size());
    // The other direction goes on meanwhile.
    device.send(ok_response());
    EXPECT_EQ(client.read(ok_response().size()), ok_response());
    auto rest = std::async(std::launch::async, [&] { client.send(reports.substr(sent)); });
    EXPECT_TRUE(device.read(reports.size()) == reports);
    rest.get();
}

TEST_F(SpliceTest, OneClientAtATime) {
    End device = attach();
    End client = dial();
    exchange(client, device, "OPTIONS");
    End second = dial();
    second.send(request("DESCRIBE"));
    EXPECT_TRUE(second.ended());
    exchange(client, device, "SETUP"); // and the device saw no DESCRIBE
}

TEST_F(SpliceTest, OtherProcessesAreTurnedAway) {
    End device = attach();
    Process stranger({"bash", "-c",
                      "exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(connection_->port()) +
                          "; printf 'OPTIONS * RTSP/1.0\\r\\nCSeq: 1\\r\\n\\r\\n' >&3; cat <&3"});
    EXPECT_TRUE(stranger.wait_exit()) << stranger.report();
    EXPECT_EQ(stranger.out(), "");
    End client = dial();
    exchange(client, device, "DESCRIBE"); // nothing came before
}

TEST_F(SpliceTest, WithoutADeviceClientsAreTurnedAway) {
    End early = dial();
    EXPECT_TRUE(early.ended());
    End device = attach();
    device.close();
    ASSERT_TRUE(wait_gone());
    End late = dial();
    EXPECT_TRUE(late.ended());
    EXPECT_THAT(gone(), SizeIs(1));
}

TEST_F(SpliceTest, AnIdleDeviceThatClosesIsGone) {
    End device = attach();
    device.close();
    ASSERT_TRUE(wait_gone());
}

TEST_F(SpliceTest, AnIdleDeviceThatResetsIsGone) {
    End device = attach();
    device.reset();
    ASSERT_TRUE(wait_gone());
}

TEST_F(SpliceTest, ADeviceThatClosesWhilePlayingIsGone) {
    End device = attach();
    End client = dial();
    exchange(client, device, "SETUP");
    exchange(client, device, "PLAY");
    device.send(frame("last"));
    device.close();
    EXPECT_EQ(client.read(8), frame("last"));
    EXPECT_TRUE(client.ended());
    ASSERT_TRUE(wait_gone());
    EXPECT_THAT(gone(), SizeIs(1));
}

TEST_F(SpliceTest, ADeviceThatResetsWhileTheClientIsSlowIsGone) {
    End device = attach();
    End client = dial();
    exchange(client, device, "SETUP");
    const std::string media = frame(std::string(60'000, 'm'));
    while (device.send_some(media) == media.size()) {
    }
    device.reset();
    ASSERT_TRUE(wait_gone());
}

TEST_F(SpliceTest, ANewConnectionReplacesTheOldOne) {
    End old_device = attach();
    End old_client = dial();
    exchange(old_client, old_device, "SETUP");
    const auto port = connection_->port();
    End device = attach();
    EXPECT_TRUE(old_device.ended());
    EXPECT_TRUE(old_client.ended());
    EXPECT_EQ(connection_->port(), port);
    End client = dial();
    exchange(client, device, "DESCRIBE");
    EXPECT_THAT(gone(), IsEmpty());
    device.close();
    ASSERT_TRUE(wait_gone());
    EXPECT_THAT(gone(), SizeIs(1));
}

TEST_F(SpliceTest, ADeviceCanComeBack) {
    for (std::size_t i = 1; i <= 5; ++i) {
        End device = attach();
        End client = dial();
        exchange(client, device, "DESCRIBE");
        device.close();
        ASSERT_TRUE(wait_gone(i));
        EXPECT_TRUE(client.ended());
    }
}

TEST_F(SpliceTest, ClosesTheDeviceWithItself) {
    End device = attach();
    End client = dial();
    exchange(client, device, "OPTIONS");
    connection_.reset();
    EXPECT_TRUE(device.ended());
    EXPECT_TRUE(client.ended());
    EXPECT_THAT(gone(), IsEmpty());
}

TEST_F(SpliceTest, TheSplicerClosesWhatIsLeft) {
    End device = attach();
    End client = dial();
    exchange(client, device, "OPTIONS");
    connection_.reset();
    splicer_.reset();
    EXPECT_TRUE(device.ended());
    EXPECT_TRUE(client.ended());
}

TEST_F(SpliceTest, ManyDevicesShareOneThread) {
    constexpr std::size_t kDevices = 50;
    std::vector<std::unique_ptr<ReusedConnection>> connections;
    std::vector<End> devices, clients;
    for (std::size_t i = 0; i < kDevices; ++i) {
        auto opened = ReusedConnection::open(*splicer_);
        ASSERT_TRUE(opened);
        connections.push_back(std::move(*opened));
        Connected connected = connect_device();
        connections.back()->set_device(
            std::move(connected.socket),
            [gone = gone_](const std::string& why) { gone->lock()->push_back(why); });
        devices.push_back(std::move(connected.device));
        clients.push_back(tests::dial(connections.back()->port()));
    }
    for (std::size_t i = 0; i < kDevices; ++i)
        clients[i].send(request("SETUP" + std::to_string(i)));
    for (std::size_t i = 0; i < kDevices; ++i) {
        const std::string expected = request("SETUP" + std::to_string(i));
        EXPECT_EQ(devices[i].read(expected.size()), expected);
        devices[i].send(ok_response());
    }
    for (End& client : clients)
        EXPECT_EQ(client.read(ok_response().size()), ok_response());
    for (std::size_t i = 0; i < kDevices; i += 2)
        devices[i].close();
    EXPECT_TRUE(wait_gone(kDevices / 2));
    exchange(clients[1], devices[1], "SETUP");
    EXPECT_THAT(gone(), SizeIs(kDevices / 2));
}

} // namespace
} // namespace rtspproxy::tests
