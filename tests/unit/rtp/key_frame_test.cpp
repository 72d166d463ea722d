#include "plugins/rtp/key_frame.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

namespace rtspproxy::rtp::tests {
namespace {

using Bytes = std::vector<std::uint8_t>;

bool h264(const Bytes& payload) {
    return starts_key_frame(Codec::H264, payload);
}
bool h265(const Bytes& payload) {
    return starts_key_frame(Codec::H265, payload);
}

std::uint8_t byte(std::size_t value) {
    return static_cast<std::uint8_t>(value);
}
// First byte of an H.264 NAL unit, with nal_ref_idc 3 and, to be ignored, the forbidden bit.
std::uint8_t nal(unsigned type) {
    return byte(0xe0U | type);
}
// First two bytes of an H.265 NAL unit, layer 1, temporal id 1, the forbidden bit set.
Bytes nal_h265(unsigned type) {
    return {byte(0x80U | type << 1), 0x09};
}

Bytes operator+(Bytes left, const Bytes& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}
// Each NAL unit with its length, as aggregation packets hold them.
Bytes sized(std::initializer_list<Bytes> units) {
    Bytes bytes;
    for (const Bytes& unit : units)
        bytes = bytes + Bytes{byte(unit.size() >> 8), byte(unit.size())} + unit;
    return bytes;
}

// Every prefix of the payload is looked at in memory of its own: an address sanitizer sees a read
// beyond it. Returns the shortest prefix that starts a key frame; none: one more than there is.
std::size_t shortest_key(Codec codec, const Bytes& payload) {
    std::size_t shortest = payload.size() + 1;
    for (std::size_t size = payload.size() + 1; size-- > 0;) {
        const Bytes cut(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(size));
        if (starts_key_frame(codec, cut))
            shortest = size;
    }
    return shortest;
}

TEST(KeyFrameH264, SingleUnits) {
    for (unsigned type = 0; type < 24; ++type)
        EXPECT_EQ(h264({nal(type), 0x88}), type == 5 || type == 7) << type;
}

TEST(KeyFrameH264, PacketsThatAreNeither) {
    for (const unsigned type : {26U, 27U, 30U, 31U}) // MTAPs and the undefined ones
        EXPECT_FALSE(h264({nal(type), 0x85, 0x85, 0x85, 0x85})) << type;
}

TEST(KeyFrameH264, FragmentsOnlyAtTheStart) {
    for (const unsigned indicator : {28U, 29U}) // FU-A, FU-B
        for (unsigned type = 1; type < 24; ++type) {
            const bool key = type == 5 || type == 7;
            EXPECT_EQ(h264({nal(indicator), byte(0x80U | type), 1}), key) << type; // start
            EXPECT_FALSE(h264({nal(indicator), byte(type), 1})) << type;           // middle
            EXPECT_FALSE(h264({nal(indicator), byte(0x40U | type), 1})) << type;   // end
        }
}

TEST(KeyFrameH264, AggregatedAnywhere) {
    const Bytes aud{nal(9), 0xf0};
    const Bytes sei(300, nal(6)); // its length needs both bytes
    const Bytes sps{nal(7), 0x42, 0x00, 0x1f};
    const Bytes slice{nal(1), 0x9a};
    const Bytes idr{nal(5), 0x88};
    for (const Bytes& start : {Bytes{nal(24)}, Bytes{nal(25), 0x85, 0x85}}) { // STAP-A, STAP-B
        EXPECT_TRUE(h264(start + sized({sps})));
        EXPECT_TRUE(h264(start + sized({aud, sei, sps, idr})));
        EXPECT_TRUE(h264(start + sized({slice, idr})));
        EXPECT_FALSE(h264(start + sized({aud, sei, slice})));
        EXPECT_FALSE(h264(start));
    }
}

// The decoding order number of STAP-B is not a length.
TEST(KeyFrameH264, StapBSkipsItsOrderNumber) {
    EXPECT_TRUE(h264(Bytes{nal(25), 0, 1} + sized({{nal(5), 1}})));
    EXPECT_FALSE(h264(Bytes{nal(25), 0, 1} + sized({{nal(1), nal(5)}})));
}

TEST(KeyFrameH264, ContentIsNotTakenForAHeader) {
    EXPECT_FALSE(h264({nal(1), nal(5), nal(7), nal(5)}));
    EXPECT_FALSE(h264(Bytes{nal(24)} + sized({Bytes(9, nal(1)) + Bytes{nal(5), nal(7), nal(5)}})));
}

// An empty unit has no first byte: what follows is the next one's length.
TEST(KeyFrameH264, EmptyUnitsHaveNoType) {
    const Bytes long_slice = Bytes{nal(1)} + Bytes(0x0500, 0); // 0x0501 bytes: 5 is no type
    EXPECT_FALSE(h264(Bytes{nal(24)} + sized({{}, long_slice})));
    EXPECT_TRUE(h264(Bytes{nal(24)} + sized({{}, {nal(5), 0}})));
}

TEST(KeyFrameH264, Truncated) {
    EXPECT_FALSE(h264({}));
    EXPECT_FALSE(h264({nal(28)}));
    EXPECT_FALSE(h264({nal(24)}));
    EXPECT_FALSE(h264({nal(24), 0}));
    EXPECT_FALSE(h264({nal(24), 0, 5}));
    EXPECT_FALSE(h264({nal(25), 0, 0, 0, 5}));
    EXPECT_FALSE(h264({nal(24), 0xff, 0xff, nal(1), 0, 0})); // longer than the packet
    const Bytes two = Bytes{nal(24)} + sized({{nal(1), 0, 0}, {nal(5), 0}});
    EXPECT_EQ(shortest_key(Codec::H264, two), 9U); // not before the second one's header
}

TEST(KeyFrameH265, SingleUnits) {
    for (unsigned type = 0; type < 48; ++type)
        EXPECT_EQ(h265(nal_h265(type) + Bytes{0x80}),
                  (type >= 16 && type <= 21) || (type >= 32 && type <= 34))
            << type;
}

TEST(KeyFrameH265, PacketsThatAreNeither) {
    for (unsigned type = 50; type < 64; ++type) // PACI and the unspecified ones
        EXPECT_FALSE(h265(nal_h265(type) + Bytes{0x93, 0x93, 0x93, 0x93})) << type;
}

TEST(KeyFrameH265, FragmentsOnlyAtTheStart) {
    for (unsigned type = 0; type < 48; ++type) {
        const bool key = (type >= 16 && type <= 21) || (type >= 32 && type <= 34);
        EXPECT_EQ(h265(nal_h265(49) + Bytes{byte(0x80U | type), 1}), key) << type; // start
        EXPECT_FALSE(h265(nal_h265(49) + Bytes{byte(type), 1})) << type;           // middle
        EXPECT_FALSE(h265(nal_h265(49) + Bytes{byte(0x40U | type), 1})) << type;   // end
    }
}

TEST(KeyFrameH265, AggregatedAnywhere) {
    const Bytes aud = nal_h265(35) + Bytes{0x50};
    const Bytes sei = nal_h265(39) + Bytes(400, 0x26);
    const Bytes vps = nal_h265(32) + Bytes{0x0c};
    const Bytes slice = nal_h265(1) + Bytes{0xd0};
    const Bytes start = nal_h265(48);
    EXPECT_TRUE(h265(start + sized({vps, slice})));
    EXPECT_TRUE(h265(start + sized({aud, sei, vps})));
    EXPECT_FALSE(h265(start + sized({aud, sei, slice})));
    EXPECT_FALSE(h265(start + sized({{}, slice})));
}

TEST(KeyFrameH265, Truncated) {
    EXPECT_FALSE(h265({}));
    EXPECT_FALSE(h265(nal_h265(49)));
    EXPECT_FALSE(h265(nal_h265(48)));
    EXPECT_FALSE(h265(nal_h265(48) + Bytes{0}));
    EXPECT_FALSE(h265(nal_h265(48) + Bytes{0, 5}));
    const Bytes two = nal_h265(48) + sized({nal_h265(1) + Bytes{7}, nal_h265(19) + Bytes{7}});
    EXPECT_EQ(shortest_key(Codec::H265, two), 10U);
}

// RFC 7798 §4.4.2: two bytes before the first unit, one before each later one.
TEST(KeyFrameH265, AggregatedWithDecodingOrderNumbers) {
    const Bytes sei = nal_h265(39) + Bytes(0x26, 0x26);
    const Bytes vps = nal_h265(32) + Bytes{0x0c};
    const Bytes slice = nal_h265(1) + Bytes{0xd0};
    const auto numbered = [](const Bytes& first, const Bytes& second) {
        return nal_h265(48) + Bytes{0x00, 0x05} + sized({first}) + Bytes{0x03} + sized({second});
    };
    const auto starts = [](const Bytes& payload) {
        return starts_key_frame(Codec::H265Numbered, payload);
    };
    EXPECT_TRUE(starts(numbered(vps, slice)));
    EXPECT_TRUE(starts(numbered(sei, vps)));
    EXPECT_FALSE(starts(numbered(sei, slice)));
    EXPECT_FALSE(starts_key_frame(Codec::H265, numbered(vps, slice))) << "at another place";
    EXPECT_EQ(shortest_key(Codec::H265Numbered, numbered(slice, vps)), 13U);
    // Elsewhere they come behind what is looked at.
    EXPECT_TRUE(starts(nal_h265(49) + Bytes{0x80 | 19, 0, 5, 1}));
    EXPECT_TRUE(starts(nal_h265(19) + Bytes{0, 5, 1}));
}

TEST(CarriesPicture, H264) {
    const auto carries = [](const Bytes& payload) { return carries_picture(Codec::H264, payload); };
    for (unsigned type = 1; type < 24; ++type)
        EXPECT_EQ(carries({nal(type), 0x88}), type < 6 || type > 18) << type;
    const Bytes sps{nal(7), 0};
    const Bytes pps{nal(8), 0};
    EXPECT_FALSE(carries(Bytes{nal(24)} + sized({sps, pps})));
    EXPECT_TRUE(carries(Bytes{nal(24)} + sized({sps, pps, {nal(5), 0}})));
    EXPECT_FALSE(carries({nal(28), 0x87, 0})); // a parameter set's fragments
    EXPECT_FALSE(carries({nal(28), 0x07, 0}));
    EXPECT_TRUE(carries({nal(28), 0x85, 0}));
    EXPECT_TRUE(carries({nal(28), 0x05, 0}));
}

TEST(CarriesPicture, H265) {
    const auto carries = [](const Bytes& payload) { return carries_picture(Codec::H265, payload); };
    for (unsigned type = 0; type < 48; ++type)
        EXPECT_EQ(carries(nal_h265(type) + Bytes{0x80}), type < 32) << type;
    const Bytes vps = nal_h265(32) + Bytes{0x0c};
    EXPECT_FALSE(carries(nal_h265(48) + sized({vps, nal_h265(33) + Bytes{1}})));
    EXPECT_TRUE(carries(nal_h265(48) + sized({vps, nal_h265(1) + Bytes{1}})));
    EXPECT_FALSE(carries(nal_h265(49) + Bytes{0x80 | 32, 1}));
    EXPECT_TRUE(carries(nal_h265(49) + Bytes{1, 1}));
}

TEST(CarriesPicture, OtherCodecsAlways) {
    for (const Codec codec : {Codec::EveryFrame, Codec::Unknown})
        EXPECT_TRUE(carries_picture(codec, {}));
}

TEST(KeyFrame, OtherCodecs) {
    for (const Bytes& payload : {Bytes{}, Bytes{nal(5)}, Bytes{0x26, 0x01, 0x80}}) {
        EXPECT_TRUE(starts_key_frame(Codec::EveryFrame, payload));
        EXPECT_FALSE(starts_key_frame(Codec::Unknown, payload));
    }
}

TEST(CodecOf, KnowsNamesInAnyCase) {
    EXPECT_EQ(codec_of("video", "H264"), Codec::H264);
    EXPECT_EQ(codec_of("video", "h264"), Codec::H264);
    EXPECT_EQ(codec_of("video", "H265"), Codec::H265);
    EXPECT_EQ(codec_of("video", "JPEG"), Codec::EveryFrame);
    EXPECT_EQ(codec_of("video", "jpeg"), Codec::EveryFrame);
    EXPECT_EQ(codec_of("audio", "MPEG4-GENERIC"), Codec::EveryFrame);
    EXPECT_EQ(codec_of("audio", "X-NEVER-HEARD-OF"), Codec::EveryFrame);
    EXPECT_EQ(codec_of("audio", ""), Codec::EveryFrame);
}

TEST(CodecOf, KnowsWhatItDoesNotKnow) {
    for (const char* name : {"VP8", "AV1", "MP2T", "X-PRIVATE", "H264-SVC", "H26", "H2655", ""})
        EXPECT_EQ(codec_of("video", name), Codec::Unknown) << name;
    EXPECT_EQ(codec_of("application", "VND.ONVIF.METADATA"), Codec::Unknown);
    EXPECT_EQ(codec_of("", ""), Codec::Unknown);
}

TEST(MarkerEndsAccessUnit, ByThePayloadFormat) {
    for (const char* name : {"H264", "h265", "H266", "JPEG", "jpeg", "VP8", "VP9", "AV1", "MP4V-ES",
                             "H263-1998", "H263-2000"})
        EXPECT_TRUE(marker_ends_access_unit("video", name)) << name;
    // In audio a marker begins a talk spurt (RFC 3551 §4.1) or ends every packet.
    for (const char* name : {"PCMU", "PCMA", "OPUS", "MPEG4-GENERIC", "MP4A-LATM", "G726-32"})
        EXPECT_FALSE(marker_ends_access_unit("audio", name)) << name;
    for (const char* name : {"MP2T", "X-PRIVATE", ""}) // RFC 2250 §2: a marker is a discontinuity
        EXPECT_FALSE(marker_ends_access_unit("video", name)) << name;
    EXPECT_FALSE(marker_ends_access_unit("application", "VND.ONVIF.METADATA"));
}

} // namespace
} // namespace rtspproxy::rtp::tests
