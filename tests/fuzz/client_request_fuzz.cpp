// What a client of the front end sends: the same messages are told however it is cut, within
// bounds, and in the one form that GstRTSPConnection is to be given.
#include "app/server/intake/request_framer.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace rtspproxy::server;

namespace {

using Piece = RequestFramer::Piece;
using Kind = Piece::Kind;
using Bytes = std::vector<std::uint8_t>;

void check_line(const std::string& line) {
    FUZZ_CHECK(!line.empty() && line.size() <= kMaxRequestLine + 1);
    FUZZ_CHECK(line.find("  ") == std::string::npos && line.front() != ' ');
    for (const char character : line)
        FUZZ_CHECK(static_cast<unsigned char>(character) >= 0x20 && character != 0x7f);
}

void check_message(const std::string& bytes) {
    const auto end = bytes.find("\r\n\r\n");
    FUZZ_CHECK(end != std::string::npos && bytes.size() - end - 4 <= kMaxRequestBody);
    for (std::size_t begin = 0; begin < end;) {
        const auto next = bytes.find("\r\n", begin);
        check_line(bytes.substr(begin, next - begin));
        begin = next + 2;
    }
    if (bytes.size() > kMaxRequestHead / 2)
        return;
    RequestFramer framer;
    const Bytes copy(bytes.begin(), bytes.end());
    std::span<const std::uint8_t> input(copy);
    const Piece again = framer.next(input);
    FUZZ_CHECK(again.kind == Kind::Message && again.bytes == bytes);
    FUZZ_CHECK(input.size() <= 1); // the last line feed
}

void check(const Piece& piece, const RequestFramer& framer) {
    if (piece.kind == Kind::Message)
        check_message(piece.bytes);
    if (piece.kind == Kind::Frame)
        FUZZ_CHECK(piece.bytes.size() >= 4 && piece.bytes.size() <= 4 + 0xffff);
    if (piece.kind == Kind::TunnelGet || piece.kind == Kind::TunnelPost)
        FUZZ_CHECK(!piece.cookie.empty());
    FUZZ_CHECK(piece.kind == Kind::Opaque || !framer.in_piece());
}

// Up to the first refusal, in parts of 1 to `step` bytes, each in memory of its own so that the
// address sanitizer sees what is read beyond it. Opaque pieces end where the parts do.
std::vector<Piece> split(const Bytes& stream, std::size_t step) {
    RequestFramer framer;
    std::vector<Piece> pieces;
    for (std::size_t begin = 0; begin < stream.size();) {
        const std::size_t end = std::min(stream.size(), begin + 1 + begin % step);
        const Bytes part(stream.begin() + static_cast<std::ptrdiff_t>(begin),
                         stream.begin() + static_cast<std::ptrdiff_t>(end));
        for (std::span<const std::uint8_t> input(part); !input.empty();) {
            Piece piece = framer.next(input);
            if (piece.kind == Kind::Incomplete) {
                FUZZ_CHECK(input.empty());
                continue;
            }
            check(piece, framer);
            if (piece.kind == Kind::Opaque && !pieces.empty())
                pieces.back().bytes += piece.bytes;
            else
                pieces.push_back(piece);
            if (piece.kind == Kind::Refused)
                return pieces;
        }
        begin = end;
    }
    return pieces;
}

bool same(const Piece& left, const Piece& right) {
    return left.kind == right.kind && left.bytes == right.bytes && left.cookie == right.cookie &&
           left.refusal == right.refusal;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes stream(data, data + size);
    const auto whole = split(stream, 1 + 2 * size);
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{64}}) {
        const auto again = split(stream, step);
        FUZZ_CHECK(again.size() == whole.size());
        for (std::size_t i = 0; i < again.size(); ++i)
            FUZZ_CHECK(same(again[i], whole[i]));
    }
    return 0;
}
