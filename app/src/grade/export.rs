//! The gradebook as a CSV file that a spreadsheet opens and never runs.

use crate::error::{AppError, AppResult};
use crate::grade::model::{GradebookColumn, GradebookRow};
use crate::ids::CourseId;
use crate::platform::Ctx;
use axum::Extension;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};

/// `GET /courses/{course}/gradebook.csv`
pub async fn gradebook_csv(Extension(ctx): Extension<Ctx>, Path(course): Path<String>) -> Result<Response, AppError> {
    let course: CourseId = course.parse().map_err(|_| AppError::not_found("The course"))?;
    let (code, text) = super::service::gradebook_csv(&ctx, course).await?;
    let name = file_name(&code, &ctx.moment(ctx.now()).input_value());
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, text).into_response())
}

/// `grades-BIO101-2026-06-10.csv`; what does not belong in a file name becomes a hyphen.
fn file_name(code: &str, now: &str) -> String {
    let code: String = code
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' })
        .collect();
    let day = now.get(..10).unwrap_or_default();
    format!("grades-{code}-{day}.csv")
}

/// Header and one line per student. A missing submission is an empty cell. Behind the points stands for each assignment whether people have
/// looked; the columns in front of these are what other programs read, and keep their places.
pub(super) fn csv(columns: &[GradebookColumn], rows: &[GradebookRow]) -> AppResult<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let titles = columns
        .iter()
        .map(|column| safe(&format!("{} ({} pts)", column.title, column.of)));
    let head = ["Name".to_owned(), "Email".to_owned()]
        .into_iter()
        .chain(titles)
        .chain(["Total Points".to_owned(), "Percentage".to_owned()])
        .chain(columns.iter().map(|column| safe(&format!("{}: status", column.title))));
    writer.write_record(head).map_err(AppError::internal)?;
    for row in rows {
        let cells = row
            .cells
            .iter()
            .map(|cell| cell.map_or_else(String::new, |cell| cell.total.to_string()));
        let status = row
            .cells
            .iter()
            .map(|cell| cell.map_or_else(String::new, |cell| cell.status().to_owned()));
        let totals = [row.total().to_string(), row.percentage(columns).unwrap_or_default()];
        writer
            .write_record(
                [safe(&row.name), safe(&row.email)]
                    .into_iter()
                    .chain(cells)
                    .chain(totals)
                    .chain(status),
            )
            .map_err(AppError::internal)?;
    }
    let bytes = writer.into_inner().map_err(AppError::internal)?;
    String::from_utf8(bytes).map_err(AppError::internal)
}

/// Text that a spreadsheet would take for a formula gets an apostrophe in front. Blanks and control characters before it do not
/// help: spreadsheets skip them.
fn safe(text: &str) -> String {
    let first = text.chars().find(|c| !c.is_whitespace() && !c.is_control());
    let starts_oddly = text.starts_with(['\t', '\r', '\n']);
    if starts_oddly || matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::model::GradebookCell;
    use crate::ids::{AssignmentId, SubmissionId, UserId};
    use crate::points::Points;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn column(title: &str) -> GradebookColumn {
        let assignment = AssignmentId(Uuid::nil());
        GradebookColumn {
            assignment,
            title: title.into(),
            of: Points(1250),
            questions: 3,
            published: true,
            ended: true,
        }
    }

    fn row(name: &str, total: Option<i32>) -> GradebookRow {
        let cell = |total| GradebookCell {
            submission: SubmissionId(Uuid::nil()),
            total: Points(total),
            late_percent: 0,
            ungraded: 0,
            waiting: 0,
            unseen: 2,
            decided: 1,
        };
        GradebookRow {
            student: UserId(Uuid::nil()),
            name: name.into(),
            email: "a@school.example".into(),
            cells: vec![total.map(cell)],
        }
    }

    #[test]
    fn a_gradebook_reads_as_a_table() {
        let text = csv(
            &[column("Cells, \"part 1\"")],
            &[row("Okafor, Ada", Some(1000)), row("Ben", None)],
        )
        .expect("csv");
        assert_eq!(
            text,
            "Name,Email,\"Cells, \"\"part 1\"\" (12.5 pts)\",Total Points,Percentage,\"Cells, \"\"part 1\"\": status\"\n\
             \"Okafor, Ada\",a@school.example,10,10,80.0,accepted by the grader\nBen,a@school.example,,0,0.0,\n"
        );
    }

    #[test]
    fn file_names_are_tame() {
        assert_eq!(
            file_name("BIO 101/\"x\"", "2026-06-10T12:00"),
            "grades-BIO-101--x--2026-06-10.csv"
        );
    }

    proptest! {
        #[test]
        fn no_cell_is_a_formula(name in "[ \t\r\n]{0,2}[=+@-]?\\PC{0,20}") {
            let text = csv(&[column(&name)], &[row(&name, None)]).expect("csv");
            let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            for record in reader.records() {
                for cell in record.expect("a record").iter() {
                    prop_assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell:?}");
                }
            }
        }

        #[test]
        fn names_come_back_whole(name in "[A-Za-z ,\"'äöü]{1,30}") {
            let text = csv(&[column("A")], &[row(&name, Some(5))]).expect("csv");
            let mut reader = ::csv::Reader::from_reader(text.as_bytes());
            let record = reader.records().next().expect("a row").expect("a record");
            prop_assert_eq!(&record[0], name.as_str());
        }
    }
}
