{{- define "paycanary.autoscaler" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ .name }}
  labels: {{- include "paycanary.labels" . | nindent 4 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ .name }}}
  minReplicas: {{ .settings.autoscaling.minReplicas }}
  maxReplicas: {{ .settings.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: {{ .settings.autoscaling.targetCPU }}}}
  behavior:
    # A pod warms the market before it answers: not given up at the first quiet minute.
    scaleDown: {stabilizationWindowSeconds: 600}
{{- end }}

{{- define "paycanary.disruption" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .name }}
  labels: {{- include "paycanary.labels" . | nindent 4 }}
spec:
  maxUnavailable: {{ .settings.maxUnavailable }}
  # A pod that does not get ready holds up no drain.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "paycanary.selector" . | nindent 6 }}
{{- end }}
