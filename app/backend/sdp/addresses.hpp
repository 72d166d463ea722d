// Addresses: where requests for a back end's media really go.
//
// rtspsrc takes URLs with the scheme "rtsp" from an SDP as they are, and it sets up but one of
// several tracks with the same URL. So the SDP that it is given names each by a key, its URL or one
// made of that, and a request for the key is sent to the URL.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::backend::sdp {

class Addresses {
  public:
    Addresses() = default;
    explicit Addresses(std::string aggregate);

    // Adds a track that may be set up at any of these URLs, the first one being the likeliest.
    // Returns its key.
    std::string add(std::vector<std::string> urls);
    // The key of the session as a whole.
    [[nodiscard]] const std::string& aggregate_key() const { return aggregate_.key; }

    // The URL that a request for `key` goes to; what is no key stays. `form` counts the URLs of
    // each track; one that has fewer gets its last.
    [[nodiscard]] std::string setup_url(std::string_view key, std::size_t form) const;
    [[nodiscard]] std::string url(std::string_view key) const;
    // The largest number of URLs that any track has.
    [[nodiscard]] std::size_t forms() const;

  private:
    struct Entry {
        std::string key;
        std::vector<std::string> urls;
    };
    [[nodiscard]] bool is_taken(std::string_view key) const;

    Entry aggregate_;
    std::vector<Entry> tracks_;
};

// Which of its tracks' URLs a back end is asked for: it goes through all of them, beginning with
// the one that was accepted last.
class FormChoice {
  public:
    [[nodiscard]] std::size_t current() const { return current_; }
    void accepted() { refused_ = 0; }
    // The back end refused a track. True: there is another form that it has not refused yet.
    bool refused(std::size_t forms);

  private:
    std::size_t current_ = 0;
    std::size_t refused_ = 0; // in a row
};

} // namespace rtspproxy::backend::sdp
