// What a request for a page must be.
#pragma once

#include <conclave/page.hpp>
#include <conclave/result.hpp>

#include <cstdint>

namespace conclave {

/// What the cursor of a list is: the id of an item, day and place "20789.use_01jd...", or the
/// sequence number of a message.
enum class cursor_form { id, day_and_id, sequence };

/// A page with its limit filled in. VALIDATION_ERROR naming `limit`, or `cursor` if no list of that
/// form could have given it.
result<page_request> check_page(page_request page, cursor_form form = cursor_form::id);

/// The position in a transcript that its cursor names; 0 without one. VALIDATION_ERROR otherwise.
result<std::int64_t> check_transcript_cursor(const page_request& page);

/// A range of days. VALIDATION_ERROR naming `to` if it ends before it begins or is over-long.
template <class Date>
result<void> check_days(Date from, Date to, std::int64_t max_days) {
    if (to < from) return invalid("to", "lies before `from`");
    if ((to - from).count() >= max_days) return invalid("to", "the range has too many days");
    return {};
}

}  // namespace conclave
