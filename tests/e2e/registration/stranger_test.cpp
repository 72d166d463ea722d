// What somebody whom nobody knows learns from registering: nothing about other hosts.
#include "tests/e2e/proxy.hpp"
#include "tests/support/black_hole.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

class Stranger : public WatchedTest {
  protected:
    static int registers(const Proxy& proxy, const std::string& url, const std::string& suffix) {
        auto connection = RtspConnection::connect(proxy.url());
        if (!connection)
            return 0;
        const auto response =
            connection->request("REGISTER", url, {"Transport: proxy_url_suffix=" + suffix});
        return response ? response->status : 0;
    }
    static std::string reason(const Proxy& proxy, const std::string& mount) {
        const auto response = rtsp_request("DESCRIBE", proxy.url(mount));
        return response ? std::to_string(response->status) + " " + response->reason
                        : response.error().message;
    }
};

TEST_F(Stranger, DoesNotLearnWhichPortsAreOpen) {
    const BlackHole open(BlackHole::Kind::Mute);
    const std::string closed = "rtsp://127.0.0.1:" + std::to_string(free_port()) + "/live";
    Proxy proxy({"-v", "-R", "--connect-timeout", "1", "own=" + closed});
    ASSERT_TRUE(proxy.process().wait_err("own: back end lost: "));
    EXPECT_EQ(registers(proxy, closed, "closed"), 200);
    EXPECT_EQ(registers(proxy, open.url(), "open"), 200);
    const std::string general = "503 Service Unavailable (back end is not available)";
    EXPECT_EQ(reason(proxy, "closed"), general);
    ASSERT_TRUE(proxy.process().wait_err("closed: back end lost: cannot connect"));
    ASSERT_TRUE(proxy.process().wait_err("open: back end lost: "));
    EXPECT_EQ(reason(proxy, "closed"), general);
    EXPECT_EQ(reason(proxy, "open"), general);
    // The operator's own back ends are not a stranger's choice.
    EXPECT_EQ(reason(proxy, "own"), "503 Service Unavailable (back end: cannot connect)");
}

} // namespace
} // namespace rtspproxy::tests
