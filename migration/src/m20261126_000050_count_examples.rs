//! How many graded answers a suggestion was made with: how sure it has to be to stand alone depends on it. What is stored already was, as
//! far as anyone can tell, made by the question's last lesson.

use crate::columns::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Programs that do not know the column leave it out.
        let mut column = integer("machine_examples").default(0).take();
        change(
            manager,
            &Table::alter().table("grades").add_column(&mut column).to_owned(),
        )
        .await?;
        let lesson = "FROM lessons WHERE lessons.question_id = grades.question_id";
        let fill = Query::update()
            .table("grades")
            .value(
                "machine_examples",
                Expr::cust(format!("(SELECT lessons.decisions {lesson})")),
            )
            .and_where(Expr::col("machine_confidence").is_not_null())
            .and_where(Expr::cust(format!("EXISTS (SELECT 1 {lesson})")))
            .to_owned();
        change(manager, &fill).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        change(
            manager,
            &Table::alter()
                .table("grades")
                .drop_column("machine_examples")
                .to_owned(),
        )
        .await
    }
}
