// What sender reports say of a stream, which for clients over TCP its RTP session sees only samples
// of.
#include "plugins/rtp/packet.hpp"
#include "tests/e2e/outages/fixture.hpp"
#include "tests/support/rtsp_connection.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

class SenderReports : public OutageTest {
  protected:
    struct Report {
        std::uint32_t packets = 0, octets = 0; // as the report says
        std::uint32_t seen_packets = 0, seen_octets = 0;
    };

    // The reports of the first track, and what came of it before each.
    std::vector<Report> listen(std::size_t reports) {
        std::vector<Report> found;
        Report seen;
        auto connection = RtspConnection::connect(proxy_->url());
        EXPECT_TRUE(connection);
        connection->on_frame([&](const InterleavedFrame& frame) {
            if (frame.channel == 0) {
                ++seen.seen_packets;
                seen.seen_octets += static_cast<std::uint32_t>(frame.data.size() - 12);
            } else if (frame.channel == 1 && frame.data.size() >= 28 && frame.data[1] == 200) {
                seen.packets = rtp::read_u32(frame.data, 20);
                seen.octets = rtp::read_u32(frame.data, 24);
                found.push_back(seen);
            }
        });
        std::string session;
        const auto ask = [&](const std::string& method, const std::string& url,
                             const std::string& header) {
            const auto response = connection->request(method, url, {header});
            EXPECT_TRUE(response && response->status == 200) << method;
            return response ? response->header("session") : "";
        };
        ask("DESCRIBE", proxy_->url(), "Accept: application/sdp");
        session = ask("SETUP", proxy_->url() + "/stream=0",
                      "Transport: RTP/AVP/TCP;unicast;interleaved=0-1");
        ask("PLAY", proxy_->url(), "Session: " + session.substr(0, session.find(';')));
        const auto end = Clock::now() + 40s;
        while (found.size() < reports && Clock::now() < end)
            (void)connection->read_frames();
        EXPECT_GE(found.size(), reports);
        return found;
    }
    // Between two reports, what they count is what came. A few packets may be counted and on their
    // way.
    static void expect_true_counts(const std::vector<Report>& reports) {
        constexpr std::uint32_t kAccessUnit = 20;
        for (std::size_t i = 1; i < reports.size(); ++i) {
            const Report& before = reports[i - 1];
            const Report& now = reports[i];
            const std::uint32_t packets = now.seen_packets - before.seen_packets;
            EXPECT_GT(packets, 2 * kAccessUnit);
            EXPECT_NEAR(now.packets - before.packets, packets, kAccessUnit);
            EXPECT_NEAR(now.octets - before.octets, now.seen_octets - before.seen_octets,
                        kAccessUnit * 1400);
        }
    }
};

TEST_F(SenderReports, CountWhatWasSent) {
    start_proxy(Ingest::Tcp);
    ASSERT_TRUE(proxy_->wait_ready());
    expect_true_counts(listen(2));
}

TEST_F(SenderReports, AlsoWhileOthersTakeUdp) {
    start_proxy(Ingest::Tcp);
    start_viewers({"--transport", "udp"}, 2);
    expect_true_counts(listen(2));
    viewers_->expect_unharmed();
}

} // namespace
} // namespace rtspproxy::tests
