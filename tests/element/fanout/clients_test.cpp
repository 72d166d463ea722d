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

    UdpReceiver first_{"127.0.0.1"};
    UdpReceiver second_{"127.0.0.1"};
};

TEST_F(ClientsTest, ComeAndGo) {
    start();
    EXPECT_EQ(push_list(kList), GST_FLOW_OK) << "nobody is there";
    add(first_);
    push_list(kList);
    add(second_);
    push_list(kList);
    remove(first_);
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
    push_list(kList);
    EXPECT_EQ(first_.take().size(), 6U);
    set("send-duplicates", FALSE);
    push_list(kList);
    EXPECT_EQ(first_.take(), kList);
    remove(first_);
    push_list(kList);
    EXPECT_EQ(first_.take(), kList) << "still added once";
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
    std::vector<std::string> log;
    const auto record = [](GstElement*, const char*, int port, gpointer data) {
        static_cast<std::vector<std::string>*>(data)->push_back(std::to_string(port));
    };
    g_signal_connect(
        element(), "client-added",
        G_CALLBACK(static_cast<void (*)(GstElement*, const char*, int, gpointer)>(record)), &log);
    g_signal_connect(
        element(), "client-removed",
        G_CALLBACK(static_cast<void (*)(GstElement*, const char*, int, gpointer)>(record)), &log);
    add(first_);
    remove(first_);
    EXPECT_EQ(log, std::vector<std::string>(2, std::to_string(first_.port())));
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
    const auto first = stats_of(first_);
    const auto second = stats_of(second_);
    const auto field = [](const StructurePtr& stats, const char* name) {
        guint64 value = 4711;
        gst_structure_get_uint64(stats.get(), name, &value);
        return value;
    };
    EXPECT_EQ(field(first, "packets-sent"), 6U);
    EXPECT_EQ(field(first, "bytes-sent"), 2U * 2010U);
    EXPECT_EQ(field(second, "packets-sent"), 3U);
    EXPECT_EQ(field(second, "bytes-sent"), 2010U);
    EXPECT_GT(field(second, "connect-time"), 0U);
    EXPECT_EQ(get<guint64>("bytes-to-serve"), 2U * 2010U);
    EXPECT_EQ(get<guint64>("bytes-served"), 3U * 2010U);
}

// What gst-rtsp-server makes, once the app has asked for it.
TEST_F(ClientsTest, TakesThePlaceOfMultiudpsink) {
    ASSERT_TRUE(fanout::replace_multiudpsink());
    for (int i = 0; i < 2; ++i) {
        const auto made = Ref<GstElement>::sink(gst_element_factory_make("multiudpsink", nullptr));
        EXPECT_STREQ(G_OBJECT_TYPE_NAME(made.get()), "UdpFanOutSink");
        // Others of the same plugin are as they were, and loading them undoes nothing.
        const auto source = Ref<GstElement>::sink(gst_element_factory_make("udpsrc", nullptr));
        EXPECT_STREQ(G_OBJECT_TYPE_NAME(source.get()), "GstUDPSrc");
    }
}

} // namespace
} // namespace rtspproxy::tests
