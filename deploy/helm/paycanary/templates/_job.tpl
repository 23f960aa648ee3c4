{{/* The pod of a job that ends. Call with (dict "root" $ "component" ... "name" ... "args" ... "resources" ... "home" true); "isAlone": no API runs beside it. */}}
{{- define "paycanary.jobPod" -}}
metadata:
  labels: {{- include "paycanary.labels" . | nindent 4 }}
spec:
  restartPolicy: Never
  serviceAccountName: {{ if .home }}{{ include "paycanary.account" (dict "root" .root "jobs" true) }}{{ else }}default{{ end }}
  {{- include "paycanary.pod" (dict "root" .root "settings" dict) | nindent 2 }}
  {{- if and .home (not .isAlone) }}
  {{- include "paycanary.beside" .root | nindent 2 }}
  {{- end }}
  containers:
    - name: {{ .name }}
      image: {{ include "paycanary.image" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      args: {{ tpl (toJson .args) .root }}
      {{- if .home }}
      {{- include "paycanary.configEnv" .root | nindent 6 }}
      {{- end }}
      env:
        {{- if .home }}
        {{- include "paycanary.env" (dict "root" .root "component" .keys) | nindent 8 }}
        {{- else }}
        - {name: PAYCANARY_HOME, value: /tmp}
        - {name: HOME, value: /tmp}
        {{- include "paycanary.secrets" (dict "root" .root "keys" (list "DATABASE_URL")) | nindent 8 }}
        {{- end }}
      resources: {{- toYaml .resources | nindent 8 }}
      securityContext: {{- include "paycanary.containerSecurity" .root | nindent 8 }}
      volumeMounts:
        {{- if .home }}
        {{- include "paycanary.mounts" .root | nindent 8 }}
        {{- if and (eq .component "backup") .root.Values.backup.existingClaim }}
        - {name: backups, mountPath: /backups}
        {{- end }}
        {{- else }}
        - {name: tmp, mountPath: /tmp}
        {{- end }}
  volumes:
    {{- if .home }}
    {{- include "paycanary.volumes" .root | nindent 4 }}
    {{- if and (eq .component "backup") .root.Values.backup.existingClaim }}
    - name: backups
      persistentVolumeClaim: {claimName: {{ .root.Values.backup.existingClaim }}}
    {{- end }}
    {{- else }}
    - name: tmp
      emptyDir: {sizeLimit: 64Mi}
    {{- end }}
{{- end }}

{{- define "paycanary.cronJob" -}}
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {{ include "paycanary.fullname" .root }}-{{ .name }}
  labels: {{- include "paycanary.labels" . | nindent 4 }}
spec:
  schedule: {{ .schedule | quote }}
  timeZone: {{ .root.Values.cronJobs.timeZone }}
  concurrencyPolicy: Forbid
  {{- if .root.Values.restore.from }}
  # Nothing else writes while a backup is put back.
  suspend: true
  {{- end }}
  startingDeadlineSeconds: 3600
  successfulJobsHistoryLimit: 2
  failedJobsHistoryLimit: 3
  jobTemplate:
    metadata:
      labels: {{- include "paycanary.labels" . | nindent 8 }}
    spec:
      # A run that is lost is done again by the next; a commit appears whole or not at all.
      backoffLimit: 1
      activeDeadlineSeconds: {{ .root.Values.cronJobs.activeDeadlineSeconds }}
      ttlSecondsAfterFinished: 172800
      template: {{- include "paycanary.jobPod" . | nindent 8 }}
{{- end }}
