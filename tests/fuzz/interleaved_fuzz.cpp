// The bytes of a back end's RTSP connection: whatever comes, the same pieces are told however they
// are cut, and together they are what came.
#include "app/backend/tap/interleaved_splitter.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <vector>

using rtspproxy::backend::InterleavedSplitter;

namespace {

using Kind = InterleavedSplitter::Piece::Kind;
using Bytes = std::vector<std::uint8_t>;

struct Split {
    Bytes kinds; // of each byte: 0 text, 1 blank, 2 stray, else the number of its frame
    std::vector<std::size_t> ends; // of messages
    bool broken = false;
};

// In parts of 1 to `step` bytes, each in memory of its own so that the address sanitizer sees what
// is read beyond it.
Split split(const Bytes& stream, std::size_t step) {
    InterleavedSplitter splitter;
    Split result;
    std::uint8_t frames = 0;
    std::size_t begin = 0;
    for (std::size_t end = 0; end < stream.size() && !result.broken;) {
        end = std::min(stream.size(), end + 1 + end % step);
        while (begin < end) {
            const Bytes part(stream.begin() + static_cast<std::ptrdiff_t>(begin),
                             stream.begin() + static_cast<std::ptrdiff_t>(end));
            const auto piece = splitter.next(part);
            if (piece.kind == Kind::Broken) {
                result.broken = true;
                break;
            }
            FUZZ_CHECK(piece.length > 0);
            if (piece.kind == Kind::Incomplete) {
                FUZZ_CHECK(piece.length > part.size());
                break;
            }
            FUZZ_CHECK(piece.length <= part.size());
            if (piece.kind == Kind::Frame) {
                FUZZ_CHECK(part[0] == '$' && piece.channel == part[1]);
                FUZZ_CHECK(piece.length == std::size_t{4} + (part[2] << 8) + part[3]);
                frames = static_cast<std::uint8_t>(frames % 252 + 1);
            }
            std::uint8_t kind = 0;
            if (piece.kind == Kind::Frame)
                kind = static_cast<std::uint8_t>(frames + 2);
            else if (piece.kind != Kind::Text)
                kind = piece.kind == Kind::Blank ? 1 : 2;
            result.kinds.insert(result.kinds.end(), piece.length, kind);
            begin += piece.length;
            if (piece.ends)
                result.ends.push_back(begin);
        }
    }
    return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes stream(data, data + size);
    const Split whole = split(stream, 1 + size);
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{64}}) {
        const Split again = split(stream, step);
        FUZZ_CHECK(again.broken == whole.broken);
        FUZZ_CHECK(whole.broken || (again.kinds == whole.kinds && again.ends == whole.ends));
    }
    return 0;
}
