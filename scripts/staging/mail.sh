# A mail server that keeps what it takes in a Maildir. Source it.
# shellcheck shell=bash

start_mail() {
  mkdir -p "$STAGING_DIR/data/mail"
  spawn mail /usr/bin/python3 -m aiosmtpd -n -l "127.0.0.1:$PORT_SMTP" -c aiosmtpd.handlers.Mailbox "$STAGING_DIR/data/mail/box"
  healthy mail 20 bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT_SMTP && read -t 3 line <&3 && [[ \$line == 220* ]]"
}
mail_url() { echo "smtp://127.0.0.1:$PORT_SMTP"; }
