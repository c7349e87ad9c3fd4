//! Dates as PHP's letters write them.

use jiff::Zoned;
use jiff::civil::Weekday;

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A moment in the form that the letters of `pattern` ask for; a backslash keeps the letter after it.
pub(crate) fn format(moment: &Zoned, pattern: &str) -> String {
    let mut out = String::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.extend(letters.next()),
            'c' => out.push_str(&format(moment, "Y-m-d\\TH:i:sP")),
            'r' => out.push_str(&format(moment, "D, d M Y H:i:s O")),
            _ => match day(moment, letter)
                .or_else(|| time(moment, letter))
                .or_else(|| zone(moment, letter))
            {
                Some(text) => out.push_str(&text),
                None => out.push(letter),
            },
        }
    }
    out
}

fn weekday(moment: &Zoned) -> &'static str {
    let index = usize::try_from(moment.weekday().to_monday_zero_offset()).unwrap_or_default();
    DAYS.get(index).copied().unwrap_or_default()
}

fn month(moment: &Zoned) -> &'static str {
    let index = usize::try_from(moment.month() - 1).unwrap_or_default();
    MONTHS.get(index).copied().unwrap_or_default()
}

fn short(name: &str) -> String {
    name.chars().take(3).collect()
}

fn day(moment: &Zoned, letter: char) -> Option<String> {
    let week = || moment.date().iso_week_date();
    Some(match letter {
        'd' => format!("{:02}", moment.day()),
        'j' => moment.day().to_string(),
        'D' => short(weekday(moment)),
        'l' => weekday(moment).to_owned(),
        'N' => moment.weekday().to_monday_one_offset().to_string(),
        'w' => moment.weekday().to_sunday_zero_offset().to_string(),
        'S' => ordinal(moment.day()).to_owned(),
        'z' => (moment.day_of_year() - 1).to_string(),
        'W' => format!("{:02}", week().week()),
        'o' => week().year().to_string(),
        'F' => month(moment).to_owned(),
        'M' => short(month(moment)),
        'm' => format!("{:02}", moment.month()),
        'n' => moment.month().to_string(),
        't' => moment.days_in_month().to_string(),
        'L' => u8::from(moment.in_leap_year()).to_string(),
        'Y' => format!("{:04}", moment.year()),
        'y' => format!("{:02}", moment.year().rem_euclid(100)),
        _ => return None,
    })
}

fn ordinal(day: i8) -> &'static str {
    match (day / 10, day % 10) {
        (1, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    }
}

fn time(moment: &Zoned, letter: char) -> Option<String> {
    let hour = moment.hour();
    let of_twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    Some(match letter {
        'a' => if hour < 12 { "am" } else { "pm" }.to_owned(),
        'A' => if hour < 12 { "AM" } else { "PM" }.to_owned(),
        'g' => of_twelve.to_string(),
        'h' => format!("{of_twelve:02}"),
        'G' => hour.to_string(),
        'H' => format!("{hour:02}"),
        'i' => format!("{:02}", moment.minute()),
        's' => format!("{:02}", moment.second()),
        'v' => format!("{:03}", moment.subsec_nanosecond() / 1_000_000),
        'u' => format!("{:06}", moment.subsec_nanosecond() / 1_000),
        'U' => moment.timestamp().as_second().to_string(),
        'B' => format!(
            "{:03}",
            (moment.timestamp().as_second() + 3600).rem_euclid(86_400) * 10 / 864
        ),
        _ => return None,
    })
}

fn zone(moment: &Zoned, letter: char) -> Option<String> {
    let info = || moment.time_zone().to_offset_info(moment.timestamp());
    let seconds = moment.offset().seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    let colon = || format!("{sign}{hours:02}:{minutes:02}");
    Some(match letter {
        'O' => format!("{sign}{hours:02}{minutes:02}"),
        'P' => colon(),
        'p' if seconds == 0 => "Z".to_owned(),
        'p' => colon(),
        'Z' => seconds.to_string(),
        'I' => u8::from(info().dst().is_dst()).to_string(),
        'e' => moment
            .time_zone()
            .iana_name()
            .map_or_else(colon, str::to_owned),
        'T' => match moment.time_zone().iana_name() {
            Some(_) => info().abbreviation().to_owned(),
            None => format!("GMT{sign}{hours:02}{minutes:02}"),
        },
        _ => return None,
    })
}

/// The number of a month by its English name, whole or short.
pub(crate) fn month_of(name: &str) -> Option<i8> {
    let name = name.trim_end_matches('.').to_lowercase();
    let place = MONTHS.iter().position(|month| {
        let month = month.to_lowercase();
        month == name || month.starts_with(&name) && (name.len() == 3 || name == "sept")
    })?;
    i8::try_from(place + 1).ok()
}

/// The day of a week by its English name, whole or short.
pub(crate) fn weekday_of(name: &str) -> Option<Weekday> {
    let name = name.to_lowercase();
    let index = DAYS.iter().position(|day| {
        let day = day.to_lowercase();
        day == name || (name.len() >= 3 && day.starts_with(&name))
    })?;
    Weekday::from_monday_zero_offset(i8::try_from(index).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_php_is_written() {
        let moment: Zoned = "2024-02-03T04:05:06.789012-05:00[America/New_York]"
            .parse()
            .unwrap();
        for (pattern, text) in [
            ("d D j l N S w z", "03 Sat 3 Saturday 6 rd 6 33"),
            (
                "W o F m M n t L Y y",
                "05 2024 February 02 Feb 2 29 1 2024 24",
            ),
            ("a A g G h H i s v u", "am AM 4 4 04 04 05 06 789 789012"),
            (
                "e I O P p T Z U",
                "America/New_York 0 -0500 -05:00 -05:00 EST -18000 1706951106",
            ),
            ("c", "2024-02-03T04:05:06-05:00"),
            ("r", "Sat, 03 Feb 2024 04:05:06 -0500"),
            ("\\Y\\m M j, Y", "Ym Feb 3, 2024"),
        ] {
            assert_eq!(format(&moment, pattern), text);
        }
    }
}
