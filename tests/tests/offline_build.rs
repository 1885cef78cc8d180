//! A build looks at .sqlx alone. The macros of sqlx would look into a database if the environment named one; what names the
//! databases of the services must not, or nobody could build with the settings that they run with.

use std::fs;

use crate::harness::repository;

#[test]
fn no_setting_of_a_service_leads_its_build_to_a_database() {
    for service in ["auth-service", "task-service"] {
        let settings = fs::read_to_string(repository().join(service).join("sqlx.toml")).unwrap();
        let variable = settings
            .lines()
            .find_map(|line| line.strip_prefix("database-url-var = "))
            .expect("the build has a variable of its own, since the default is one for both");
        assert!(!variable.contains("TANDEM_"), "{service}: {variable}");
    }
}
