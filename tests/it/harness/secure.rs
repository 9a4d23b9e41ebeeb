//! Brokers that trust nobody: TLS with an authority of their own, SASL with Kafka's standard authorizer.

use std::process::Command;

use super::kafka::Kafka;

/// The users of [`authorized`]; each has its name as password. `admin` may do all, the others nothing but by ACL.
const USERS: &[&str] = &["admin", "demarche", "stranger"];

/// The line by which a Java client logs in as one of [`USERS`].
pub fn plain_login(user: &str) -> String {
    let module = "org.apache.kafka.common.security.plain.PlainLoginModule";
    format!(r#"{module} required username="{user}" password="{user}";"#)
}

/// A broker that speaks only TLS on its client port; its certificate names 127.0.0.1, and clients that show none are
/// refused where `mutual`. The client settings of the result hold the authority's file (and the client's key).
pub fn tls(mutual: bool) -> Result<Kafka, String> {
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    let keytool = super::find_tool(&["keytool"], "DEMARCHE_TEST_KEYTOOL")?;
    let file = |name: &str| dir.path().join(name).to_str().expect("a path in UTF-8").to_owned();
    let keytool = |arguments: &[&str]| -> Result<(), String> {
        let output = Command::new(&keytool)
            .args(arguments)
            .args(["-storetype", "PKCS12", "-storepass", "secret", "-noprompt"])
            .output()
            .map_err(|e| e.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success().then_some(()).ok_or(format!("keytool {arguments:?}: {text}"))
    };
    for name in ["broker", "client"] {
        let (store, pem, subject) =
            (file(&format!("{name}.p12")), file(&format!("{name}.pem")), format!("CN={name}"));
        let pair = ["-genkeypair", "-alias", name, "-keyalg", "RSA", "-keysize", "2048", "-validity", "2"];
        let names = ["-dname", &subject, "-ext", "SAN=ip:127.0.0.1,dns:localhost", "-keystore", &store];
        keytool(&[&pair[..], &names[..]].concat())?;
        keytool(&["-exportcert", "-rfc", "-alias", name, "-file", &pem, "-keystore", &store])?;
    }
    keytool(&[
        "-importcert",
        "-alias",
        "client",
        "-file",
        &file("client.pem"),
        "-keystore",
        &file("trust.p12"),
    ])?;
    keytool(&[
        "-importcert",
        "-alias",
        "broker",
        "-file",
        &file("broker.pem"),
        "-keystore",
        &file("trust.p12"),
    ])?;
    let mut client = vec![("security.protocol", "ssl".to_owned()), ("ssl.ca.location", file("broker.pem"))];
    if mutual {
        client.push(("ssl.keystore.location", file("client.p12")));
        client.push(("ssl.keystore.password", "secret".into()));
    }
    let client: Vec<_> = client.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let (store, trust) = (file("broker.p12"), file("trust.p12"));
    let properties = [
        ("listeners", "SSL://127.0.0.1:@PORT@,CONTROLLER://127.0.0.1:@CONTROLLER@"),
        ("advertised.listeners", "SSL://127.0.0.1:@PORT@"),
        ("inter.broker.listener.name", "SSL"),
        ("listener.security.protocol.map", "SSL:SSL,CONTROLLER:PLAINTEXT"),
        ("ssl.keystore.location", &store),
        ("ssl.keystore.type", "PKCS12"),
        ("ssl.keystore.password", "secret"),
        ("ssl.truststore.location", &trust),
        ("ssl.truststore.type", "PKCS12"),
        ("ssl.truststore.password", "secret"),
        ("ssl.client.auth", if mutual { "required" } else { "none" }),
    ];
    let mut kafka = Kafka::start(&properties, &client)?;
    kafka.files = Some(dir);
    Ok(kafka)
}

/// A broker with SASL PLAIN and the standard authorizer. The result's own client is `admin`; [`login`] makes others,
/// and `kafka.tool("org.apache.kafka.tools.AclCommand", …)` gives them rights.
pub fn authorized() -> Result<Kafka, String> {
    let users: String = USERS.iter().map(|u| format!(" user_{u}=\"{u}\"")).collect();
    let jaas = plain_login("admin").replace(';', &format!("{users};"));
    let properties = [
        ("listeners", "SASL_PLAINTEXT://127.0.0.1:@PORT@,CONTROLLER://127.0.0.1:@CONTROLLER@"),
        ("advertised.listeners", "SASL_PLAINTEXT://127.0.0.1:@PORT@"),
        ("inter.broker.listener.name", "SASL_PLAINTEXT"),
        ("listener.security.protocol.map", "SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT"),
        ("sasl.enabled.mechanisms", "PLAIN"),
        ("sasl.mechanism.inter.broker.protocol", "PLAIN"),
        ("listener.name.sasl_plaintext.plain.sasl.jaas.config", &jaas),
        ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
        ("allow.everyone.if.no.acl.found", "false"),
        // The controller's port is plain: it knows its peer as ANONYMOUS, and only loopback reaches it.
        ("super.users", "User:admin;User:ANONYMOUS"),
    ];
    Kafka::start(&properties, &login("admin"))
}

/// Client settings of one of [`USERS`].
pub fn login(user: &str) -> [(&str, &str); 4] {
    [
        ("security.protocol", "sasl_plaintext"),
        ("sasl.mechanisms", "PLAIN"),
        ("sasl.username", user),
        ("sasl.password", user),
    ]
}
