// What leaves udpfanoutsink, byte by byte.
#include "tests/element/fanout/sink_fixture.hpp"

namespace rtspproxy::tests {
namespace {

using Names = std::vector<std::string>;

class SendingTest : public SinkTest, public ::testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(Families, SendingTest, ::testing::Values("127.0.0.1", "::1"),
                         [](const auto& one) {
                             return std::string(one.index == 0 ? "Ipv4" : "Ipv6");
                         });

TEST_P(SendingTest, ListsAndBuffersArriveAsTheyAre) {
    UdpReceiver first(GetParam());
    UdpReceiver second(GetParam());
    add(first);
    add(second);
    start();
    Datagrams expected;
    std::uint16_t sequence = 65500;
    for (int round = 0; round < 200; ++round) {
        Datagrams list;
        for (int i = 0; i < round % 30; ++i)
            list.push_back(packet(++sequence, i % 7 == 3 ? 500U : 1400U));
        expected.insert(expected.end(), list.begin(), list.end());
        EXPECT_EQ(push_list(list), GST_FLOW_OK);
        expected.push_back(packet(++sequence, 12));
        EXPECT_EQ(push(expected.back()), GST_FLOW_OK);
    }
    EXPECT_EQ(first.take(), expected);
    EXPECT_EQ(second.take(), expected);
    EXPECT_EQ(stat("packets"), 2 * expected.size());
    EXPECT_EQ(stat("dropped"), 0U);
    EXPECT_TRUE(uses_gso());
    EXPECT_EQ(take_news(), Names{"gso"}) << "once";
}

TEST_P(SendingTest, OneByOneWithoutGso) {
    UdpReceiver receiver(GetParam());
    set("gso", FALSE);
    add(receiver);
    start();
    const Datagrams list{packet(1), packet(2), packet(3)};
    push_list(list);
    push_list(list);
    EXPECT_EQ(receiver.take().size(), 6U);
    EXPECT_FALSE(uses_gso());
    EXPECT_EQ(stat("gso-messages"), 0U);
    EXPECT_EQ(take_news(), Names{"plain"});
}

TEST_P(SendingTest, BuffersMayBeInPieces) {
    UdpReceiver receiver(GetParam());
    add(receiver);
    start();
    const Bytes whole = packet(7, 1400);
    auto buffer = buffer_of(Bytes(whole.begin(), whole.begin() + 12));
    buffer = Ref<GstBuffer>::adopt(gst_buffer_append(
        buffer.release(), buffer_of(Bytes(whole.begin() + 12, whole.end())).release()));
    auto list = list_of({packet(6, 1400)});
    gst_buffer_list_add(list.get(), buffer.release());
    push_list(std::move(list));
    EXPECT_EQ(receiver.take(), (Datagrams{packet(6, 1400), whole}));
}

TEST_P(SendingTest, DeadPortsDoNotHarmTheOthers) {
    UdpReceiver first(GetParam());
    UdpReceiver last(GetParam());
    add(UdpReceiver(GetParam())); // nobody is there any more
    add(first);
    for (int i = 0; i < 20; ++i)
        add(UdpReceiver(GetParam()));
    add(last);
    start();
    Datagrams expected;
    for (std::uint16_t i = 0; i < 300; i = static_cast<std::uint16_t>(i + 3)) {
        const Datagrams list{packet(i), packet(i + 1), packet(i + 2, 100)};
        expected.insert(expected.end(), list.begin(), list.end());
        EXPECT_EQ(push_list(list), GST_FLOW_OK);
    }
    EXPECT_EQ(first.take(), expected);
    EXPECT_EQ(last.take(), expected);
    // Nothing is said about it: ~SinkTest() looks for warnings.
}

TEST_P(SendingTest, SentFromTheSocketThatItIsGiven) {
    UdpReceiver own(GetParam());
    UdpReceiver receiver(GetParam());
    set(own.is_v6() ? "socket-v6" : "socket", own.socket().get());
    set("close-socket", FALSE);
    add(receiver);
    for (int cycle = 0; cycle < 3; ++cycle) {
        start();
        push_list({packet(1), packet(2)});
        GSocketAddress* raw = nullptr;
        Bytes bytes(2000);
        ASSERT_EQ(g_socket_receive_from(receiver.socket().get(), &raw,
                                        reinterpret_cast<char*>(bytes.data()), bytes.size(),
                                        nullptr, nullptr),
                  1000);
        const auto from = Ref<GSocketAddress>::adopt(raw);
        EXPECT_EQ(g_inet_socket_address_get_port(reinterpret_cast<GInetSocketAddress*>(from.get())),
                  own.port());
        EXPECT_EQ(receiver.take(), Datagrams{packet(2)});
        EXPECT_EQ(set_state(GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
        EXPECT_FALSE(g_socket_is_closed(own.socket().get()));
    }
}

TEST_P(SendingTest, ASocketThatIsClosedMeanwhileIsLeftAlone) {
    UdpReceiver own(GetParam());
    UdpReceiver receiver(GetParam());
    set(own.is_v6() ? "socket-v6" : "socket", own.socket().get());
    set("close-socket", FALSE);
    add(receiver);
    start();
    g_socket_close(own.socket().get(), nullptr);
    EXPECT_EQ(push_list({packet(1), packet(2)}), GST_FLOW_OK);
    EXPECT_EQ(stat("packets"), 0U);
    EXPECT_EQ(stat("dropped"), 2U);
}

using GsoTest = SinkTest;

TEST_F(GsoTest, WhenItIsRefusedNothingIsLost) {
    UdpReceiver own("127.0.0.1");
    UdpReceiver first("127.0.0.1");
    UdpReceiver second("127.0.0.1");
    set("socket", own.socket().get());
    add(first);
    add(second);
    start();
    const Datagrams list{packet(1, 1400), packet(2, 1400), packet(3, 1400), packet(4, 20)};
    push_list(list);
    EXPECT_EQ(take_news(), Names{"gso"});
    g_socket_set_option(own.socket().get(), SOL_SOCKET, SO_NO_CHECK, 1, nullptr);
    push_list(list);
    EXPECT_EQ(take_news(), Names{"plain"});
    EXPECT_TRUE(uses_gso()) << "others may not refuse it";
    g_socket_set_option(own.socket().get(), SOL_SOCKET, SO_NO_CHECK, 0, nullptr);
    push_list(list);
    EXPECT_EQ(take_news(), Names{}) << "it is not tried again";
    EXPECT_EQ(stat("gso-messages"), 2U);
    EXPECT_EQ(stat("packets"), 24U);
    EXPECT_EQ(stat("dropped"), 0U);
    for (auto* receiver : {&first, &second}) {
        const auto got = receiver->take();
        ASSERT_EQ(got.size(), 12U);
        for (std::size_t i = 0; i < got.size(); ++i)
            EXPECT_EQ(got[i], list[i % 4]) << i;
    }
}

TEST_F(GsoTest, WhoComesLaterIsAskedAnew) {
    UdpReceiver own("127.0.0.1");
    UdpReceiver first("127.0.0.1");
    UdpReceiver second("127.0.0.1");
    set("socket", own.socket().get());
    add(first);
    start();
    const Datagrams list{packet(1), packet(2), packet(3, 20)};
    g_socket_set_option(own.socket().get(), SOL_SOCKET, SO_NO_CHECK, 1, nullptr);
    push_list(list);
    EXPECT_EQ(take_news(), Names{"plain"});
    g_socket_set_option(own.socket().get(), SOL_SOCKET, SO_NO_CHECK, 0, nullptr);
    add(second);
    push_list(list);
    EXPECT_EQ(take_news(), Names{"gso"});
    EXPECT_EQ(stat("gso-messages"), 1U);
    EXPECT_EQ(first.take().size(), 6U);
    EXPECT_EQ(second.take(), list);
}

TEST_F(GsoTest, BothFamiliesAtOnce) {
    UdpReceiver v4("127.0.0.1");
    UdpReceiver v6("::1");
    add(v4);
    add(v6);
    start();
    const Datagrams list{packet(1, 1460), packet(2, 1460), packet(3, 20)}; // too large for IPv6
    push_list(list);
    EXPECT_EQ(v4.take(), list);
    EXPECT_EQ(v6.take(), list);
    EXPECT_EQ(stat("gso-messages"), 1U);
}

TEST_F(GsoTest, MappedAddressesAreIpv4Ones) {
    UdpReceiver receiver("127.0.0.1");
    g_signal_emit_by_name(element(), "add", "::ffff:127.0.0.1", receiver.port());
    start();
    push_list({packet(1), packet(2)});
    EXPECT_EQ(receiver.take(), (Datagrams{packet(1), packet(2)}));
}

TEST_F(GsoTest, AnIpv6SocketAloneReachesBoth) {
    const auto own = Ref<GSocket>::adopt(
        g_socket_new(G_SOCKET_FAMILY_IPV6, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, nullptr));
    const auto any = Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string("::", 0));
    g_socket_bind(own.get(), any.get(), TRUE, nullptr);
    set("socket-v6", own.get());
    UdpReceiver plain("127.0.0.1");
    UdpReceiver mapped("127.0.0.1");
    UdpReceiver v6("::1");
    add(plain);
    g_signal_emit_by_name(element(), "add", "::ffff:127.0.0.1", mapped.port());
    add(v6);
    start();
    const Datagrams list{packet(1), packet(2)};
    push_list(list);
    EXPECT_EQ(plain.take(), list);
    EXPECT_EQ(mapped.take(), list);
    EXPECT_EQ(v6.take(), list);
}

TEST_F(GsoTest, StateCycles) {
    UdpReceiver receiver("127.0.0.1");
    add(receiver);
    for (int cycle = 0; cycle < 5; ++cycle) {
        start();
        push_list({packet(1), packet(2)});
        push(packet(3));
        EXPECT_EQ(receiver.take(), (Datagrams{packet(1), packet(2), packet(3)}));
        EXPECT_EQ(stat("packets"), 3U) << "counters begin again";
        EXPECT_EQ(take_news(), Names{"gso"});
        set_state(cycle % 2 != 0 ? GST_STATE_NULL : GST_STATE_READY);
        if (cycle % 2 == 0)
            set_state(GST_STATE_NULL);
    }
}

} // namespace
} // namespace rtspproxy::tests
