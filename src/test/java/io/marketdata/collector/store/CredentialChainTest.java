package io.marketdata.collector.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** What the operator reads when the SDK finds no credentials. Uses the SDK's own chain. */
@ResourceLock(Resources.SYSTEM_PROPERTIES)
class CredentialChainTest {

    @TempDir
    private Path folder;

    private final List<String> changed = new ArrayList<>();

    @BeforeEach
    void withoutTheFilesOfThisUser() {
        set("aws.configFile", folder.resolve("config").toString());
        set("aws.sharedCredentialsFile", folder.resolve("credentials").toString());
        set("aws.disableEc2Metadata", "true");
    }

    @AfterEach
    void clear() {
        changed.forEach(System::clearProperty);
    }

    private void set(String property, String value) {
        changed.add(property);
        System.setProperty(property, value);
    }

    private AbstractThrowableAssert<?, ? extends Throwable> failure(String config) throws Exception {
        Files.writeString(folder.resolve("config"), config);
        return assertThatThrownBy(() -> AwsClients.DIRECT.credentials().resolveCredentials())
                .isInstanceOf(ClientRefusal.class);
    }

    @Test
    void nothingConfigured() throws Exception {
        failure("")
                .hasMessage("no AWS credentials are found; attach a role to the machine, or set AWS_ACCESS_KEY_ID and"
                        + " AWS_SECRET_ACCESS_KEY");
    }

    @Test
    void misspeltProfile() throws Exception {
        set("aws.profile", "rihgt");
        failure("[profile right]\nregion=eu-west-1\n")
                .hasMessage("no AWS credentials are found: Profile file contained no credentials for profile 'rihgt';"
                        + " correct AWS_PROFILE or that source of credentials");
    }

    @Test
    void keyWithoutItsSecret() throws Exception {
        set("aws.accessKeyId", "AKIAEXAMPLE");
        failure("")
                .hasMessageContaining("Secret key must be specified")
                .hasMessageEndingWith("; set AWS_SECRET_ACCESS_KEY, or unset AWS_ACCESS_KEY_ID");
    }

    @Test
    void expiredSession() throws Exception {
        set("aws.profile", "trial");
        failure("[profile trial]\nsso_start_url=https://a.example/start\nsso_region=eu-west-1\n"
                        + "sso_account_id=111122223333\nsso_role_name=r\n")
                .hasMessageEndingWith("; run: aws sso login --profile trial");
    }

    @Test
    void sessionOfAwsLogin() throws Exception {
        set("aws.profile", "trial");
        failure("[profile trial]\nlogin_session=arn:aws:iam::111122223333:user/x\n")
                .hasMessageContaining("sessions of aws login are not supported; set credential_process");
    }

    @Test
    void sourceProfileWithoutCredentials() throws Exception {
        set("aws.profile", "trial");
        failure("[profile trial]\nrole_arn=arn:aws:iam::111122223333:role/r\nsource_profile=other\n")
                .hasMessageContaining("source profile of 'trial' was configured to be 'other'");
    }

    @Test
    void fileThatIsGarbledWhileRunning() throws Exception {
        failure("garbage").hasMessageContaining("Expected a profile definition on line 1");
    }
}
