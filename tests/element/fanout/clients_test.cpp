// Who gets what: signals and properties that udpfanoutsink has from multiudpsink.
#include "tests/element/fanout/sink_fixture.hpp"

#include "plugins/fanout/udpfanoutsink.hpp"

namespace rtspproxy::tests {
namespace {

const Datagrams kList{packet(1), packet(2), packet(3, 10)};

class ClientsTest : public SinkTest {
  protected:
    using SinkTest::SinkTest;
    void set_clients(const std::string& text) { set("clients", text.c_str()); }
    static std::string name(const UdpReceiver& client) {
        return client.host() + ":" + std::to_string(client.port());
    }
    // 4711: there is no such number.
    guint64 stat_of(const UdpReceiver& client, const char* name) {
        const auto stats = stats_of(client);
        guint64 value = 4711;
        gst_structure_get_uint64(stats.get(), name, &value);
        return value;
    }

    UdpReceiver first_{"127.0.0.1"};
    UdpReceiver second_{"127.0.0.1"};
};

TEST_F(ClientsTest, ComeAndGo) {
    start();
    EXPECT_EQ(push_list(kList), GST_FLOW_OK) << "nobody is there";
    add(first_);
    push_list(kList);
    EXPECT_EQ(stat("destinations"), 1U);
    add(second_);
    EXPECT_EQ(stat("destinations"), 2U);
    push_list(kList);
    remove(first_);
    EXPECT_EQ(stat("destinations"), 1U);
    push_list(kList);
    g_signal_emit_by_name(element(), "clear");
    push_list(kList);
    EXPECT_EQ(first_.take().size(), 6U);
    EXPECT_EQ(second_.take().size(), 6U);
    EXPECT_EQ(stat("destinations"), 0U);
}

TEST_F(ClientsTest, AddedTwiceGetTwoOfEachUnlessToldNotTo) {
    start();
    add(first_);
    add(first_);
    EXPECT_EQ(stat("destinations"), 1U);
    push_list(kList);
    EXPECT_EQ(first_.take().size(), 6U);
    EXPECT_EQ(stat_of(first_, "packets-sent"), 6U);
    set("send-duplicates", FALSE);
    push_list(kList);
    EXPECT_EQ(first_.take(), kList);
    EXPECT_EQ(stat_of(first_, "packets-sent"), 9U);
    remove(first_);
    push_list(kList);
    EXPECT_EQ(first_.take(), kList) << "still added once";
    EXPECT_EQ(stat_of(first_, "packets-sent"), 12U);
    remove(first_);
    push_list(kList);
    EXPECT_EQ(first_.take(), Datagrams{});
}

TEST_F(ClientsTest, ArePropertiesToo) {
    start();
    set_clients(name(first_) + "," + name(second_));
    push_list(kList);
    EXPECT_EQ(first_.take(), kList);
    EXPECT_EQ(second_.take(), kList);
    set_clients(name(second_));
    push_list(kList);
    EXPECT_EQ(first_.take(), Datagrams{});
    EXPECT_EQ(second_.take(), kList);
    const GCharPtr text(get<char*>("clients"));
    EXPECT_EQ(std::string(text.get()), name(second_));
}

TEST_F(ClientsTest, TheSignalsOfTheParentAreEmitted) {
    struct Log {
        std::vector<std::string> added, removed;
    } log;
    using Handler = void (*)(GstElement*, const char*, int, gpointer);
    constexpr Handler kAdded = [](GstElement*, const char* host, int port, gpointer data) {
        static_cast<Log*>(data)->added.push_back(std::string(host) + ":" + std::to_string(port));
    };
    constexpr Handler kRemoved = [](GstElement*, const char* host, int port, gpointer data) {
        static_cast<Log*>(data)->removed.push_back(std::string(host) + ":" + std::to_string(port));
    };
    g_signal_connect(element(), "client-added", G_CALLBACK(+kAdded), &log);
    g_signal_connect(element(), "client-removed", G_CALLBACK(+kRemoved), &log);
    using Names = std::vector<std::string>;
    add(first_);
    add(second_);
    EXPECT_EQ(log.added, (Names{name(first_), name(second_)}));
    EXPECT_EQ(log.removed, Names{});
    remove(first_);
    EXPECT_EQ(log.removed, Names{name(first_)});
    remove(second_);
    EXPECT_EQ(log.removed, (Names{name(first_), name(second_)}));
    EXPECT_EQ(log.added.size(), 2U);
}

TEST_F(ClientsTest, NamesThatDoNotExistAreNotAdded) {
    g_signal_emit_by_name(element(), "add", "no such host", 5004);
    EXPECT_EQ(stat("destinations"), 0U);
}

TEST_F(ClientsTest, StatisticsOfEach) {
    start();
    add(first_);
    push_list(kList);
    add(second_);
    push_list(kList);
    EXPECT_EQ(stat_of(first_, "packets-sent"), 6U);
    EXPECT_EQ(stat_of(first_, "bytes-sent"), 2U * 2010U);
    EXPECT_EQ(stat_of(second_, "packets-sent"), 3U);
    EXPECT_EQ(stat_of(second_, "bytes-sent"), 2010U);
    EXPECT_GT(stat_of(second_, "connect-time"), 0U);
    EXPECT_EQ(get<guint64>("bytes-to-serve"), 2U * 2010U);
    EXPECT_EQ(get<guint64>("bytes-served"), 3U * 2010U);
    remove(first_);
    EXPECT_EQ(stat_of(first_, "packets-sent"), 4711U) << "nobody that it knows";
}

TEST_F(ClientsTest, OnlyWhatWasSentCounts) {
    start();
    add(first_);
    push_list({packet(1), packet(2, 65530), packet(3, 10)}); // no datagram is that long
    EXPECT_EQ(first_.take().size(), 2U);
    EXPECT_EQ(stat("packets"), 2U);
    EXPECT_EQ(stat("dropped"), 1U);
    EXPECT_EQ(stat_of(first_, "packets-sent"), 2U);
    EXPECT_EQ(stat_of(first_, "bytes-sent"), 1010U);
}

TEST_F(ClientsTest, WhoCannotBeReachedIsSaidOnceAndCounted) {
    UdpReceiver own("127.0.0.1");
    UdpReceiver v6("::1");
    set("socket", own.socket().get());
    set("close-socket", FALSE);
    add(first_);
    start();
    add(v6);
    EXPECT_EQ(take_complaints(), std::vector<std::string>{"error"}) << "multiudpsink's";
    push_list(kList);
    push_list(kList);
    EXPECT_EQ(take_complaints(), std::vector<std::string>{"warning"});
    EXPECT_EQ(first_.take().size(), 6U);
    EXPECT_EQ(stat("packets"), 6U);
    EXPECT_EQ(stat("dropped"), 6U);
    EXPECT_EQ(stat_of(first_, "packets-sent"), 6U);
    EXPECT_EQ(stat_of(v6, "packets-sent"), 0U);
    EXPECT_EQ(stat_of(v6, "bytes-sent"), 0U);
}

TEST_F(ClientsTest, WhetherThereIsGsoDependsOnSettingAndKernel) {
    EXPECT_FALSE(uses_gso()) << "no socket yet";
    start();
    EXPECT_TRUE(uses_gso());
    set("gso", FALSE);
    EXPECT_FALSE(uses_gso());
    set("gso", TRUE);
    set_state(GST_STATE_NULL);
    EXPECT_FALSE(uses_gso());
}

// What gst-rtsp-server makes, once the app has asked for it.
TEST_F(ClientsTest, TakesThePlaceOfMultiudpsink) {
    ASSERT_TRUE(fanout::replace_multiudpsink());
    for (int i = 0; i < 2; ++i) {
        const auto made = make_element("multiudpsink");
        EXPECT_STREQ(G_OBJECT_TYPE_NAME(made.get()), "UdpFanOutSink");
        // Others of the same plugin are as they were, and loading them undoes nothing.
        const auto source = make_element("udpsrc");
        EXPECT_STREQ(G_OBJECT_TYPE_NAME(source.get()), "GstUDPSrc");
    }
}

} // namespace
} // namespace rtspproxy::tests
