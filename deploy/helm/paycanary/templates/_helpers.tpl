{{/* Names and labels. */}}
{{- define "paycanary.fullname" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "paycanary.name" .) .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name (include "paycanary.name" .) | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "paycanary.name" -}}{{ default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}{{- end }}

{{/* What selects pods; never changed after the first installation. Call with (dict "root" $ "component" "api"). */}}
{{- define "paycanary.selector" -}}
app.kubernetes.io/name: {{ include "paycanary.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "paycanary.labels" -}}
{{ include "paycanary.selector" . }}
app.kubernetes.io/part-of: paycanary
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "paycanary.image" -}}
{{- $tag := default .Chart.AppVersion .Values.image.tag -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ $tag }}{{ end }}
{{- end }}

{{/* The claim of the home; Airflow's values name the same. */}}
{{- define "paycanary.claim" -}}{{ default (printf "%s-home" (include "paycanary.fullname" .)) .Values.home.existingClaim }}{{- end }}

{{- define "paycanary.account" -}}
{{- if not .root.Values.serviceAccount.create }}default{{ else }}{{ include "paycanary.fullname" .root }}{{ if .jobs }}-jobs{{ end }}{{ end }}
{{- end }}

{{/* Variables of one program, each secret by its own key, so that a pod holds no secret that its program does not read. */}}
{{- define "paycanary.secrets" -}}
{{- $root := .root -}}
{{- range .keys }}
- name: {{ . }}
  valueFrom:
    secretKeyRef:
      name: {{ $root.Values.secrets.name }}
      key: {{ . }}
      {{- if not (has . (list "DATABASE_URL" "REDIS_URL" "PAYCANARY_SECRET")) }}
      optional: true
      {{- end }}
{{- end }}
{{- end }}

{{/* Keys of the Secret by component, as a JSON list. */}}
{{- define "paycanary.keys" -}}
{{- $v := .root.Values -}}
{{- $registers := list "PAYCANARY_DART_KEY" "PAYCANARY_DATA_GO_KR_KEY" "PAYCANARY_WORK24_KEY" -}}
{{- $keys := list -}}
{{- if eq $v.database "postgresql" }}{{ $keys = append $keys "DATABASE_URL" }}{{ end -}}
{{- if and (eq $v.redis "redis") (has .component (list "api" "worker")) }}{{ $keys = append $keys "REDIS_URL" }}{{ end -}}
{{- if eq .component "api" }}{{ $keys = concat $keys (list "PAYCANARY_SECRET" "PAYCANARY_ACCEPTED_SECRETS" "PAYCANARY_SMTP_URL") }}{{ end -}}
{{- if eq .component "alerts" }}{{ $keys = concat $keys (list "PAYCANARY_SECRET" "PAYCANARY_ACCEPTED_SECRETS" "PAYCANARY_SMTP_URL") }}{{ end -}}
{{- if or (has .component (list "worker" "registers")) (and (eq .component "api") (not $v.worker.enabled)) }}{{ $keys = concat $keys $registers }}{{ end -}}
{{- toJson $keys -}}
{{- end }}

{{- define "paycanary.env" -}}
- name: PAYCANARY_HOME
  value: {{ .root.Values.home.path }}
- name: HOME
  value: /tmp
- name: PYTHONDONTWRITEBYTECODE
  value: "1"
{{- if .root.Values.models.enabled }}
- name: PAYCANARY_MODELS_URL
  value: http://{{ include "paycanary.modelsHost" .root }}
{{- end }}
{{- if .watched }}
- name: PAYCANARY_METRICS_PORT
  value: {{ .root.Values.monitoring.port | quote }}
{{- end }}
{{- include "paycanary.secrets" (dict "root" .root "keys" (fromJsonArray (include "paycanary.keys" .))) }}
{{- end }}

{{- define "paycanary.modelsHost" -}}
{{- $name := printf "%s-models" (include "paycanary.fullname" .) -}}
{{- if eq .Values.models.kind "kserve" }}{{ $name }}-predictor.{{ .Release.Namespace }}.svc:80{{ else }}{{ $name }}:8080{{ end }}
{{- end }}

{{- define "paycanary.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
# A lake has many files: they are given to the group once, not at every start.
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "paycanary.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* What every pod says alike. Call with (dict "root" $ "component" "api" "settings" .Values.api). */}}
{{- define "paycanary.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- include "paycanary.podSecurity" . | nindent 2 }}
{{- with .settings.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Pods of one kind over zones first, over nodes next; a full cluster takes them all the same. */}}
{{- define "paycanary.spread" -}}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "paycanary.selector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}

{{/* With a volume for one node, whatever mounts it goes where the API is. */}}
{{- define "paycanary.beside" -}}
{{- if eq .Values.home.accessMode "ReadWriteOnce" }}
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels: {{- include "paycanary.selector" (dict "root" . "component" "api") | nindent 12 }}
{{- end }}
{{- end }}

{{/* The API itself goes where others still hold such a volume, and anywhere where none does: a pod that its own rule names is let in first. */}}
{{- define "paycanary.volumesNode" -}}
{{- if eq .Values.home.accessMode "ReadWriteOnce" }}
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels: {{- include "paycanary.selector" (dict "root" .) | nindent 12 }}
          matchExpressions:
            - {key: app.kubernetes.io/component, operator: In, values: [api, worker, registers, jobs, backup]}
{{- end }}
{{- end }}

{{- define "paycanary.volumes" -}}
- name: tmp
  emptyDir: {sizeLimit: 1Gi}
- name: home
  persistentVolumeClaim: {claimName: {{ include "paycanary.claim" . }}}
{{- end }}

{{- define "paycanary.mounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: home, mountPath: {{ .Values.home.path }}}
{{- end }}

{{- define "paycanary.configEnv" -}}
envFrom:
  - configMapRef: {name: {{ include "paycanary.fullname" . }}}
{{- end }}

{{/* Pods start anew when settings change. */}}
{{- define "paycanary.revision" -}}
checksum/config: {{ .Values.config | toJson | sha256sum }}
{{- with .Values.secrets.revision }}
paycanary/secrets-revision: {{ . | quote }}
{{- end }}
{{- end }}
